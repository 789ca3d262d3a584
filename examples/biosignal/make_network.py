#!/usr/bin/env python3
"""Makes the demo network: a small 1-D integer network for windows of a pulse wave (PPG).

    python3 make_network.py [FOLDER]        (default: the folder of this script)

writes network.onnx, input.npy and goldens.npz. It needs Python 3 and NumPy and shares no code with pulsec: the
goldens are plain integer loops over the ONNX meaning of every node. The same bytes come out every time.

The file looks as quantisation tools (Quantlab, PLiNIO) write it: float32 tensors that hold integers; after each
convolution Mul, Add, Div, Floor, Clip; the attributes weight_bits and out_bits. All intermediate numbers stay below
2^24, so any ONNX runtime that computes in float32 gives the same goldens. Nothing was trained: the filters are smooth
shapes with seeded noise, the batch normalisations are fitted to synthetic pulse waves.
"""
import math
import pathlib
import sys

import numpy as np

LENGTH = 256          # samples of one window: 4 s at 64 Hz
DIV = 2 ** 14         # divisor of every requantisation


# ---------------------------------------------------------------------------------------------------------------------
# Protocol buffers, as far as ONNX needs them: https://protobuf.dev/programming-guides/encoding, onnx/onnx.proto

def varint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes(out) + bytes([n])


def field(number, value):
    """An integer as a varint, a float as 4 bytes, text and bytes with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, float):
        return varint(number << 3 | 5) + np.float32(value).tobytes()
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def message(*fields):
    """Fields (number, value); a list of values repeats the field."""
    return b"".join(field(n, v) for n, value in fields for v in (value if isinstance(value, list) else [value]))


def tensor(name, array):
    data = np.asarray(array, dtype="<f4")
    assert np.array_equal(data, array), f"{name} is not exact in float32"
    return message((1, list(data.shape)), (2, 1), (8, name), (9, data.tobytes()))


def attribute(name, value):
    if isinstance(value, list):
        return message((1, name), (8, value), (20, 7))
    if isinstance(value, float):
        return message((1, name), (2, value), (20, 1))
    return message((1, name), (3, value), (20, 2))


def node(op, inputs, output, attributes):
    return message((1, inputs), (2, output), (3, f"{op}_{output}"), (4, op),
                   (5, [attribute(*a) for a in attributes.items()]))


def value_info(name, shape):
    dims = message((1, [message((1, d)) for d in shape]))
    return message((1, name), (2, message((1, message((1, 1), (2, dims))))))


# ---------------------------------------------------------------------------------------------------------------------
# Random numbers and pulse waves; nothing here depends on the version of NumPy

class Random:
    """Knuth's 64-bit linear congruential generator, upper bits."""

    def __init__(self, seed):
        self.state = seed

    def uniform(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2 ** 64
        return (self.state >> 11) / 2 ** 53

    def normal(self):
        return sum(self.uniform() for _ in range(12)) - 6


def pulse_wave(seed):
    """One window, uint8: beats with a systolic and a dicrotic bump, slow breathing, a little noise."""
    random = Random(seed)
    beat = 48 + 24 * random.uniform()
    phase = beat * random.uniform()
    notch = 0.25 + 0.3 * random.uniform()
    wave = np.zeros(LENGTH)
    for i in range(LENGTH):
        t = (i + phase) % beat / beat
        systolic = math.exp(-((t - 0.25) / 0.09) ** 2)
        dicrotic = notch * math.exp(-((t - 0.55) / 0.12) ** 2)
        wave[i] = systolic + dicrotic + 0.12 * math.sin(2 * math.pi * i / 190 + seed) + 0.01 * random.normal()
    low, high = wave.min(), wave.max()
    return np.floor(20 + 215 * (wave - low) / (high - low) + 0.5).astype(np.int64).reshape(1, 1, LENGTH)


def filters(random, out, channels, taps, bits, noise):
    """Weights [out, channels, taps]: windowed polynomials (smooth, slope, curvature, ...) plus noise, scaled per channel."""
    weights = np.zeros((out, channels, taps))
    for o in range(out):
        for c in range(channels):
            order, gain = (o + c) % 4, random.normal()
            for t in range(taps):
                x = (t - (taps - 1) / 2) / ((taps + 1) / 2)
                shape = [1.0, 2 * x, 4 * x * x - 1, 8 * x * x * x - 4 * x][order]
                weights[o, c, t] = gain * (1 - x * x) * shape + noise * random.normal()
    top = 2 ** (bits - 1) - 1
    largest = np.abs(weights).max(axis=(1, 2), keepdims=True)
    return np.floor(weights / largest * top + 0.5).astype(np.int64)


# ---------------------------------------------------------------------------------------------------------------------
# The ONNX meaning of the nodes, on int64 arrays [1, channels, length]

def conv1d(x, w, stride, dilation, pad, groups):
    channels_out, channels_in, taps = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad)))
    length = (padded.shape[2] - (taps - 1) * dilation - 1) // stride + 1
    out = np.zeros((1, channels_out, length), dtype=np.int64)
    for o in range(channels_out):
        first = o // (channels_out // groups) * channels_in
        for p in range(length):
            for t in range(taps):
                at = p * stride + t * dilation
                out[0, o, p] += int(np.dot(padded[0, first:first + channels_in, at], w[o, :, t]))
    return out


def windows(x, size):
    return x.reshape(1, x.shape[1], x.shape[2] // size, size)


def requantise(x, mul, add, top):
    product = x * mul + add
    assert np.abs(product).max() < 2 ** 24, "no longer exact in float32"
    return np.clip(product // DIV, 0, top)


# ---------------------------------------------------------------------------------------------------------------------
# The network: every layer adds its nodes and computes its result for all calibration windows

class Network:
    def __init__(self, batch):
        self.nodes, self.initialisers, self.goldens = [], [], {}
        self.values = {"input": batch}       # name -> one array per window; the first window is the test input
        self.random = Random(2024)

    def constant(self, name, array):
        self.initialisers.append(tensor(name, array))
        return name

    def add_node(self, op, inputs, output, **attributes):
        self.nodes.append(node(op, inputs, output, attributes))
        return output

    def keep(self, name, results, dtype):
        """Remembers the results; those of the test input become a golden."""
        self.values[name] = results
        golden = results[0].astype(dtype)
        assert np.array_equal(golden, results[0]) and np.abs(results[0]).max() < 2 ** 24
        self.goldens[name] = golden
        return name

    def requant(self, x, name, mul, add, results, bits=8, share=1):
        """Mul, Add (unless zero), Div, Floor, Clip: clip(floor((x * mul + add) / DIV)), where x = results / share."""
        top = 2 ** bits - 1
        assert np.all(mul % share == 0)
        y = self.add_node("Mul", [x, self.constant(f"{name}.mul", mul)], f"{name}_mul", mult_bits=32)
        if np.any(add):
            y = self.add_node("Add", [y, self.constant(f"{name}.add", add)], f"{name}_add", add_bits=32)
        y = self.add_node("Div", [y, self.constant(f"{name}.div", float(DIV))], f"{name}_div")
        y = self.add_node("Floor", [y], f"{name}_floor")
        self.add_node("Clip", [y], name, min=0.0, max=float(top), out_bits=bits)
        return self.keep(name, [requantise(r, mul // share, add, top) for r in results], np.uint8)

    def conv(self, x, name, out, taps, stride=1, dilation=1, groups=1, bits=8, noise=0.3):
        """Convolution, then a batch normalisation with ReLU in integers, fitted to the calibration windows."""
        channels = self.values[x][0].shape[1] // groups
        w = filters(self.random, out, channels, taps, bits, noise)
        pad = dilation * (taps - 1) // 2
        acc = [conv1d(v, w, stride, dilation, pad, groups) for v in self.values[x]]
        self.add_node("Conv", [x, self.constant(f"{name}.weight", w)], name, dilations=[dilation], group=groups,
                      kernel_shape=[taps], pads=[pad, pad], strides=[stride], weight_bits=bits, bias_bits=32)
        self.keep(name, acc, np.int32)
        mul, add = np.zeros((out, 1), dtype=np.int64), np.zeros((out, 1), dtype=np.int64)
        for c in range(out):
            seen = np.concatenate([a[0, c] for a in acc])
            mean = int(seen.sum()) / seen.size
            deviation = math.sqrt(sum((int(v) - mean) ** 2 for v in seen) / seen.size) + 1
            gain, bias = 45 + 30 * self.random.uniform(), 20 + 60 * self.random.uniform()
            mul[c, 0] = max(1, math.floor(gain / deviation * DIV + 0.5))
            add[c, 0] = math.floor((bias - gain * mean / deviation) * DIV + 0.5)
        return self.requant(name, f"{name}_act", mul, add, acc)

    def maxpool(self, x, name, size):
        self.add_node("MaxPool", [x], name, kernel_shape=[size], pads=[0, 0], strides=[size], ceil_mode=0)
        return self.keep(name, [windows(v, size).max(axis=3) for v in self.values[x]], np.uint8)

    def avgpool(self, x, name, size):
        self.add_node("AveragePool", [x], f"{name}_mean", kernel_shape=[size], pads=[0, 0], strides=[size])
        sums = [windows(v, size).sum(axis=3) for v in self.values[x]]
        return self.requant(f"{name}_mean", name, np.int64(DIV * 5 // 4), 0, sums, share=size)

    def residual(self, x, y, name):
        self.add_node("Add", [x, y], name)
        sums = [a + b for a, b in zip(self.values[x], self.values[y])]
        self.keep(name, sums, np.int32)
        return self.requant(name, f"{name}_act", np.int64(DIV * 3 // 4), 0, sums)

    def linear(self, x, name, out):
        """Fully connected over all channels and positions (channels first, as ONNX flattens), with bias."""
        inputs = [v.reshape(1, -1) for v in self.values[x]]
        w = filters(self.random, out, 1, inputs[0].shape[1], 8, 2.0)[:, 0]
        b = np.array([math.floor(4000 * self.random.normal() + 0.5) for _ in range(out)], dtype=np.int64)
        flat = self.add_node("Flatten", [x], f"{name}_in", axis=1)
        weights = [self.constant(f"{name}.weight", w), self.constant(f"{name}.bias", b)]
        self.add_node("Gemm", [flat, *weights], name, alpha=1.0, beta=1.0, transB=1, weight_bits=8, bias_bits=32)
        results = [v @ w.T + b for v in inputs]
        assert all(np.abs(v) @ np.abs(w.T).max(axis=1) < 2 ** 24 for v in inputs)
        return self.keep(name, results, np.int32)

    def model(self, output):
        graph = message((1, self.nodes), (2, "biosignal"), (5, self.initialisers),
                        (11, value_info("input", [1, 1, LENGTH])),
                        (12, value_info(output, self.values[output][0].shape)))
        opset = message((1, ""), (2, 10))
        return message((1, 5), (2, "pulsec examples/biosignal/make_network.py"), (7, graph), (8, opset))


def build():
    net = Network([pulse_wave(seed) for seed in range(8)])
    x = net.conv("input", "stem", out=16, taps=5)
    x = net.maxpool(x, "pool1", 2)
    x = net.conv(x, "depthwise", out=16, taps=5, groups=16)
    shortcut = net.conv(x, "pointwise", out=32, taps=1, bits=4, noise=0.6)
    x = net.conv(shortcut, "dilated", out=32, taps=3, dilation=2)
    x = net.residual(shortcut, x, "residual")
    x = net.conv(x, "down", out=48, taps=5, stride=2)
    x = net.avgpool(x, "pool2", 4)
    return net, net.linear(x, "head", out=2)


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
    folder.mkdir(parents=True, exist_ok=True)
    net, output = build()
    (folder / "network.onnx").write_bytes(net.model(output))
    np.save(folder / "input.npy", net.values["input"][0].astype(np.uint8))
    np.savez(folder / "goldens.npz", **net.goldens)
    for name, golden in net.goldens.items():
        print(f"{name:16} {golden.dtype!s:6} {golden.shape!s:14} {golden.min()} .. {golden.max()}")


if __name__ == "__main__":
    main()
