/** What is known of operators that are not read: near names, and ways around them. */
import { type Diagnostic, nearest } from "../../ir/diagnostic.js";
import type { RawNode } from "./raw.js";

/** The operators of ONNX's default domain up to opset 24 (docs/Operators.md of the ONNX repository). */
const standard = new Set(
  `Abs Acos Acosh Add AffineGrid And ArgMax ArgMin Asin Asinh Atan Atanh Attention AveragePool BatchNormalization
  Bernoulli BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor BlackmanWindow Cast CastLike Ceil Celu
  CenterCropPad Clip Col2Im Compress Concat ConcatFromSequence Constant ConstantOfShape Conv ConvInteger
  ConvTranspose Cos Cosh CumSum DFT DeformConv DepthToSpace DequantizeLinear Det Div Dropout
  DynamicQuantizeLinear Einsum Elu Equal Erf Exp Expand EyeLike Flatten Floor GRU Gather GatherElements GatherND
  Gelu Gemm GlobalAveragePool GlobalLpPool GlobalMaxPool Greater GreaterOrEqual GridSample GroupNormalization
  HammingWindow HannWindow HardSigmoid HardSwish Hardmax Identity If ImageDecoder InstanceNormalization IsInf
  IsNaN LRN LSTM LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax Loop LpNormalization LpPool MatMul
  MatMulInteger Max MaxPool MaxRoiPool MaxUnpool Mean MeanVarianceNormalization MelWeightMatrix Min Mish Mod Mul
  Multinomial Neg NegativeLogLikelihoodLoss NonMaxSuppression NonZero Not OneHot Optional OptionalGetElement
  OptionalHasElement Or PRelu Pad Pow QLinearConv QLinearMatMul QuantizeLinear RMSNormalization RNN RandomNormal
  RandomNormalLike RandomUniform RandomUniformLike Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum
  ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare RegexFullMatch Relu Reshape
  Resize ReverseSequence RoiAlign RotaryEmbedding Round STFT Scan Scatter ScatterElements ScatterND Selu
  SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength SequenceMap Shape Shrink
  Sigmoid Sign Sin Sinh Size Slice Softmax SoftmaxCrossEntropyLoss Softplus Softsign SpaceToDepth Split
  SplitToSequence Sqrt Squeeze StringConcat StringNormalizer StringSplit Sub Sum Swish Tan Tanh TensorScatter
  TfIdfVectorizer ThresholdedRelu Tile TopK Transpose Trilu Unique Unsqueeze Upsample Where Xor`.split(/\s+/),
);

const isDefault = (domain: string): boolean => domain === "" || domain === "ai.onnx";

/** The operator with its domain, unless it is ONNX's own. */
export const fullName = (node: RawNode): string =>
  isDefault(node.domain) ? node.op : `${node.domain}.${node.op}`;

/** Ways around operators, by what they have in common. */
const around: readonly (readonly [pattern: RegExp, way: string])[] = [
  [
    /^(LSTM|GRU|RNN)$/,
    "recurrent layers are outside the op set; dilated convolutions over time do the same work",
  ],
  [/^(Loop|If|Scan)$/, "export by tracing with fixed sizes, which unrolls control flow"],
  [
    /^(Erf|Gelu|Mish|Elu|Selu|Celu|Softplus|Softsign|Swish)$/,
    "replace the activation by Relu or HardSwish and fine-tune",
  ],
  [
    /^(LayerNormalization|RMSNormalization|GroupNormalization|LRN|LpNormalization|MeanVarianceNormalization)$/,
    "train with BatchNormalization instead, which costs nothing once it is folded",
  ],
  [
    /^(NonMaxSuppression|TopK|ArgMax|ArgMin|RoiAlign|Unique|NonZero)$/,
    "end the model before it (onnx.utils.extract_model) and do this step in your own code",
  ],
];

/** A way around the operator of a node that is not read, if there is one. */
export function operatorHelp(node: RawNode, known: Iterable<string>): string | undefined {
  if (/^(com\.microsoft|com\.ms)/.test(node.domain))
    return `${fullName(node)} is onnxruntime's own: give the model as it was before onnxruntime optimised it`;
  if (!isDefault(node.domain)) return undefined;
  if (standard.has(node.op)) return around.find(([pattern]) => pattern.test(node.op))?.[1];
  const guess = nearest(node.op, known);
  return `ONNX has no operator ${node.op}${guess ? `; did you mean ${guess}?` : ""}`;
}

/** What usually helps, for refusals that say nothing of their own. */
const ways: Partial<Record<Diagnostic["id"], string>> = {
  "onnx/shape": "check the shapes along this branch; exporting with static shapes shows them in the file",
  "onnx/rank": "only 1-D data (N x C x L) and 2-D data (N x C x H x W) have windows",
  "onnx/undefined-tensor":
    "nodes stand in the order in which they compute; onnx.checker.check_model finds such mistakes",
  "onnx/output": "name an output that a node computes; onnx.checker.check_model finds such mistakes",
  "onnx/outputs": "drop the outputs that nothing reads, or end the model before this node",
  "onnx/dynamic-weights":
    "constant-fold the model (onnxsim, or do_constant_folding of the exporter), so that weights are initialisers",
  "onnx/dynamic-shape": "export the model with static shapes",
  "onnx/constant-range": "scale the constant down, or split it into a factor and a shift",
  "onnx/constant-shape": "give one number, or one per channel",
  "onnx/division-by-zero": "divide by a constant without zeros; a power of two is exact",
  "onnx/divisor": "only divisions by constants are integer arithmetic",
  "onnx/dilated-average": "average over a window without dilation, or use a depthwise Conv",
  "onnx/cast": "cast to int32, or leave the Cast out",
  "onnx/tensor-data": "the file is damaged, or was written by hand: export it again",
  "onnx/element-type": "convert the tensor to float or to an integer type of 2 to 32 bits",
  "onnx/external-data":
    "put the data file beside the model, or store the data inside (onnx.save without external data)",
  "onnx/malformed":
    "check the download: an ONNX model is a protobuf file, or ONNX text in a file that ends in .onnxtxt",
  "onnx/gather": "take a Slice, or one index per Gather, and join them with Concat",
  "onnx/resize": "nearest by whole factors is exact",
  "onnx/pad": "pad with zeros, edge or reflect between batch and channels",
};

/** What usually helps against a refusal; `op` is the operator of the node that is refused. */
export function wayOut(id: Diagnostic["id"], op: string | undefined): string | undefined {
  if ((id === "onnx/operands" || id === "onnx/attribute") && op !== undefined && standard.has(op))
    return `onnx.ai/onnx/operators/onnx__${op}.html says which ${id.slice(5)}${id.endsWith("s") ? "" : "s"} it takes`;
  return ways[id];
}
