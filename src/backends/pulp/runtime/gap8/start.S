/*
 * pulsec: reset code of GAP8. All nine cores share this image: the fabric controller enters at _start; cores of the
 * cluster begin 0x80 behind their boot address, which is the begin of the image.
 */
#define PULSEC_WORKER_STACK 1024

  .option norelax
  .section .vectors, "ax"
  .option push
  .option norvc
  .globl pulsec_vectors
pulsec_vectors:
  .rept 32
  j pulsec_halt
  .endr
  j _start       /* reset */
  j pulsec_halt  /* illegal instruction */
  j pulsec_halt  /* ecall */
pulsec_halt:
  j pulsec_halt
  .option pop

  .section .text.start, "ax"
  .globl _start
_start:
  csrr a0, 0xf14           /* cluster << 5 | core; the fabric controller is cluster 32 */
  srli t0, a0, 5
  li   t1, 32
  beq  t0, t1, fabric
  andi a0, a0, 31
  la   sp, pulsec_master_stack
  beqz a0, 1f
  la   sp, pulsec_worker_stacks
  addi t0, a0, -1
  li   t1, PULSEC_WORKER_STACK
  mul  t0, t0, t1
  sub  sp, sp, t0
1:
  call pulsec_cluster_main
2:
  j    2b

fabric:
  li   t0, -1
  csrw 0x7a0, t0           /* count everything */
  li   t0, 1
  csrw 0x7a1, t0
  la   sp, pulsec_fabric_stack
  la   t0, pulsec_bss_begin
  la   t1, pulsec_bss_end
3:
  bgeu t0, t1, 4f
  sw   x0, 0(t0)
  addi t0, t0, 4
  j    3b
4:
  call pulsec_fabric_main
  call main
  /* Falls through: main's result is the exit code. */
  .globl pulsec_exit
pulsec_exit:
  li   t0, 0x80000000
  or   a0, a0, t0
  li   t0, 0x1a1040a0
  sw   a0, 0(t0)
5:
  j    5b
