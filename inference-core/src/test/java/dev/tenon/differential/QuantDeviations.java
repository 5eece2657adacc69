package dev.tenon.differential;

import dev.tenon.differential.Deviations.Deviation;
import dev.tenon.differential.Deviations.Instead;
import dev.tenon.tensor.DType;
import java.util.List;

/** Where the peer departs in quantised, recurrent and attending operators. */
final class QuantDeviations {
    private QuantDeviations() {}

    static void add(List<Deviation> list) {
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
                "RotaryEmbedding", s -> type(s, 0) == DType.FLOAT64, Instead.REFERENCE, "has no such type"));
        list.add(new Deviation(
                "Attention",
                s -> s.attribute("softcap") != null
                        && (s.operand(3) != null || Long.valueOf(1).equals(s.attribute("is_causal"))),
                Instead.FORMULA,
                "caps scores behind the mask, so that keys that it forbids keep a weight"));
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

    private static DType type(Sketch s, int operand) {
        return s.operand(operand).dtype();
    }
}
