package dev.tenon.differential;

import dev.tenon.differential.Deviations.Deviation;
import dev.tenon.differential.Deviations.Instead;
import dev.tenon.tensor.DType;
import java.util.List;

/** {@link Deviations} of quantised and recurrent operators and of attention. */
final class QuantDeviations {
    private QuantDeviations() {}

    static void add(List<Deviation> list) {
        quantised(list);
        networks(list);
        attention(list);
        losses(list);
    }

    private static void quantised(List<Deviation> list) {
        list.add(new Deviation(
                "QLinearMatMul",
                s -> type(s, 0) == DType.INT8 && type(s, 3) == DType.UINT8 || type(s, 0) != type(s, 7),
                Instead.REFERENCE,
                "has no such combination of types"));
        list.add(new Deviation(
                "QLinearConv",
                s -> type(s, 0) == DType.INT8 && type(s, 3) == DType.UINT8,
                Instead.REFERENCE,
                "has no such combination of types"));
        list.add(new Deviation(
                "MatMulInteger",
                s -> s.operand(2) != null && s.operand(2).size() > 1,
                Instead.REFERENCE,
                "takes one zero point of A for all rows"));
        list.add(new Deviation(
                "QuantizeLinear",
                s -> type(s, 0) == DType.FLOAT16 || type(s, 0) == DType.BFLOAT16,
                Instead.REFERENCE,
                "does not divide in the precision of the scale, as the standard does"));
        list.add(new Deviation(
                "QuantizeLinear",
                s -> (s.attribute("block_size") != null
                                || s.attribute("output_dtype") != null
                                || s.operand(2) != null && s.operand(2).dtype().isSubByte())
                        && Tensors.any(s.operand(0), v -> Math.abs(v) > 1e8),
                Instead.REFERENCE,
                "makes the least integer of numbers beyond those of 32 bits in blocks, and of types of few bits"));
        list.add(new Deviation(
                "QuantizeLinear",
                s -> s.attribute("block_size") != null
                        && (Long.valueOf(Tensors.number(DType.FLOAT4E2M1)).equals(s.attribute("output_dtype"))
                                || s.operand(2) != null && type(s, 2) == DType.FLOAT4E2M1),
                Instead.REFERENCE,
                "writes each but the first of the blocks of long columns to the place of another"));
        list.add(new Deviation(
                "BatchNormalization",
                s -> Long.valueOf(1).equals(s.attribute("training_mode")),
                Instead.FORMULA,
                "has the variance in f32, where digits cancel"));
        list.add(new Deviation(
                "QuantizeLinear",
                s -> Tensors.hasInfinity(s.operand(0)),
                Instead.REFERENCE,
                "saturates infinities where float8 has them, or has NaN for them"));
    }

    private static void networks(List<Deviation> list) {
        for (String name : List.of("RNN", "GRU", "LSTM")) {
            list.add(new Deviation(
                    name,
                    s -> Tensors.hasNaN(s.operand(0)),
                    Instead.REFERENCE,
                    "bounds what enters its functions, which makes numbers of NaN"));
        }
        for (String name : List.of("LogSoftmax", "SoftmaxCrossEntropyLoss")) {
            list.add(new Deviation(
                    name,
                    s -> Tensors.hasNaN(s.operand(0)) || Tensors.any(s.operand(0), v -> v == Double.POSITIVE_INFINITY),
                    Instead.REFERENCE,
                    "drops NaN in double precision, in which it is asked for f32 too"));
        }
    }

    private static void attention(List<Deviation> list) {
        list.add(new Deviation(
                "Attention",
                s -> s.version() > 23,
                Instead.FORMULA,
                "takes the first query for the first key whatever the number of valid keys, and has no windows"));
        list.add(new Deviation(
                "RotaryEmbedding", s -> type(s, 0) == DType.FLOAT64, Instead.REFERENCE, "has no such type"));
        list.add(new Deviation(
                "Attention",
                s -> s.attribute("softcap") != null
                        && (s.operand(3) != null || Long.valueOf(1).equals(s.attribute("is_causal"))),
                Instead.FORMULA,
                "caps scores after the mask, so that forbidden keys keep a weight"));
        list.add(new Deviation(
                "Attention",
                s -> s.outputCount() > 3
                        && (s.operand(3) != null && type(s, 3) == DType.BOOL
                                || Long.valueOf(1).equals(s.attribute("is_causal"))),
                Instead.FORMULA,
                "shows the least number of the type where a mask forbids, instead of negative infinity"));
        list.add(new Deviation(
                "Attention",
                s -> Long.valueOf(1).equals(s.attribute("is_causal"))
                        && s.operand(0).dim(s.operand(0).rank() - 2) == 1,
                Instead.FORMULA,
                "rules no keys out for a query that is alone"));
        list.add(new Deviation(
                "Attention",
                s -> type(s, 0) == DType.FLOAT64,
                Instead.FORMULA,
                "multiplies by the root of the scale rounded to f32, or adds numbers of different types"));
        list.add(new Deviation(
                "Attention",
                s -> s.outputCount() > 3
                        && s.operand(3) != null
                        && Long.valueOf(1).equals(s.attribute("qk_matmul_output_mode")),
                Instead.FORMULA,
                "shows scores without the mask where versions before 25 have them with it"));
        list.add(new Deviation(
                "Attention",
                s -> type(s, 0) == DType.BFLOAT16,
                Instead.WIDER_PEER,
                "expands to a function that adds numbers of different types"));
    }

    private static void losses(List<Deviation> list) {
        for (String name : List.of("RNN", "GRU", "LSTM")) {
            list.add(new Deviation(
                    name,
                    s -> type(s, 0) == DType.FLOAT64 || Long.valueOf(1).equals(s.attribute("layout")),
                    Instead.REFERENCE,
                    "does not take double, nor the batch in front"));
        }
        list.add(new Deviation(
                "SoftmaxCrossEntropyLoss",
                s -> type(s, 0) == DType.FLOAT32,
                Instead.WIDER_PEER,
                "rounds the sum of exponentials to f32, whose logarithm near 0 has few digits"));
        list.add(new Deviation(
                "SoftmaxCrossEntropyLoss",
                s -> type(s, 0) == DType.FLOAT64,
                Instead.REFERENCE,
                "takes the logarithm of the sum of exponentials, of which few digits are left near 0"));
    }

    private static DType type(OperatorModel s, int operand) {
        return s.operand(operand).dtype();
    }
}
