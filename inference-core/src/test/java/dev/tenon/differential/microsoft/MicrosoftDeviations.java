package dev.tenon.differential.microsoft;

import dev.tenon.differential.Deviations.Deviation;
import dev.tenon.differential.Deviations.Instead;
import dev.tenon.differential.OperatorModel;
import dev.tenon.differential.Tensors;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** Where the runtime departs from its own documentation, stops, or has no such operator for this processor. */
public final class MicrosoftDeviations {
    private MicrosoftDeviations() {}

    public static void add(List<Deviation> list) {
        add(
                list,
                "QuickGelu",
                s -> type(s) == DType.FLOAT32,
                "approximates the exponential with fewer digits than the contract asks for");
        for (String name : List.of("FastGelu", "BiasGelu")) {
            add(list, name, s -> s.operand(0).size() == 0, "the process dies where there is no element");
        }
        for (String name : List.of("FusedMatMul", "TransposeMatMul")) {
            add(
                    list,
                    name,
                    s -> s.operand(0).size() == 0,
                    "leaves what it finds in memory where there is nothing to sum");
        }
        add(
                list,
                "FusedGemm",
                s -> List.of("Sigmoid", "Tanh", "Elu", "Selu").contains(s.attribute("activation")),
                "approximates the exponential with fewer digits than the contract asks for");
        windows(list);
        quantised(list);
        attention(list);
        add(list, "CDist", s -> true, "adds squares and subtracts products, where digits cancel");
        add(
                list,
                "EmbedLayerNormalization",
                s -> true,
                "subtracts the mean's square from the mean square, where digits cancel");
    }

    private static boolean isOne(OperatorModel s, String attribute) {
        return Long.valueOf(1).equals(s.attribute(attribute));
    }

    private static boolean isSame(OperatorModel s) {
        return s.attribute("auto_pad") instanceof String a && a.startsWith("SAME");
    }

    private static boolean isSparse(OperatorModel s) {
        long[] kernel = (long[]) s.attribute("kernel_shape");
        return s.attribute("strides") instanceof long[] strides
                && IntStream.range(0, kernel.length).anyMatch(i -> strides[i] > kernel[i]);
    }

    private static void windows(List<Deviation> list) {
        add(
                list,
                "FusedConv",
                s -> List.of("Sigmoid", "Tanh").contains(s.attribute("activation")),
                "approximates the exponential with fewer digits than the contract asks for");
        add(
                list,
                "QLinearAveragePool",
                s -> isSame(s) && isSparse(s),
                "makes the padding negative where steps are longer than the window, so that windows begin later");
        for (String name : List.of("QLinearAveragePool", "NhwcMaxPool")) {
            add(
                    list,
                    name,
                    s -> "VALID".equals(s.attribute("auto_pad")) && isOne(s, "ceil_mode"),
                    "counts a last window that overhangs, as in the standard's operator");
        }
        add(
                list,
                "NhwcMaxPool",
                s -> isSame(s) && (s.attribute("dilations") != null || isSparse(s)),
                "pads as much as a window without dilations needs, or less than none, as in the standard's operator");
        add(
                list,
                "MaxpoolWithMask",
                s -> true,
                "leaves a row of a window at its first masked element, and takes no notice of the first element's mask");
        ask(
                list,
                "QLinearAveragePool",
                s -> s.operand(2) == null || s.operand(4) == null,
                "asks for a zero point, or takes one that is left out for uint8",
                s -> zeros(zeros(s, 2), 4));
    }

    private static void quantised(List<Deviation> list) {
        for (String name : List.of("QLinearAdd", "QLinearMul")) {
            ask(
                    list,
                    name,
                    s -> s.operand(2) == null || s.operand(5) == null,
                    "asks for the zero points of its operands",
                    s -> zeros(zeros(s, 2), 5));
        }
        add(
                list,
                "QLinearSoftmax",
                s -> 1 / s.operand(3).getDouble(0) % 1 != 0,
                "rounds the inverse of the result's scale to an integer");
        add(
                list,
                "QLinearSoftmax",
                s -> Tensors.has(MicrosoftQuantDefinitions.softmax(s), type(s).maxInteger()),
                "wraps what is above the greatest integer of the type");
        add(list, "QLinearReduceMean", s -> true, "has none for this processor");
        add(
                list,
                "MatMulNBits",
                s -> s.operand(4) != null
                        && s.operand(3) != null
                        && !s.operand(3).dtype().isFloating(),
                "leaves packed zero points out where elements are in groups");
        add(
                list,
                "MatMulNBits",
                s -> !Long.valueOf(4).equals(s.attribute("bits") == null ? 4L : s.attribute("bits"))
                        && (s.operand(4) != null
                                || s.operand(3) != null && s.operand(3).dtype().isFloating()),
                "refuses groups of elements and real zero points for other than four bits");
    }

    /** With a zero point of 0 if it is left out. */
    private static OperatorModel zeros(OperatorModel s, int operand) {
        return s.operand(operand) == null ? s.with(operand, Tensor.allocate(type(s))) : s;
    }

    private static void attention(List<Deviation> list) {
        add(list, "DecoderMaskedSelfAttention", s -> true, "has none for this processor");
        ask(
                list,
                "Attention",
                s -> s.operand(2) == null
                        || s.operand(3) != null && s.operand(3).rank() == 4,
                "the process dies where there is no bias; refuses masks of four dimensions",
                s -> square(unbiased(s)));
        ask(
                list,
                "MultiHeadAttention",
                s -> s.operand(0).rank() == 5 || s.operand(1).rank() == 5,
                "refuses packed operands on this processor",
                MicrosoftDeviations::unpacked);
        ask(
                list,
                "QAttention",
                s -> type(s) == DType.INT8
                        || s.operand(5) != null && s.operand(5).rank() == 4,
                "refuses signed operands, and masks of four dimensions",
                s -> square(unsigned(s)));
    }

    /** With one operand for each of queries, keys and values. */
    private static OperatorModel unpacked(OperatorModel s) {
        if (s.operand(0).rank() == 5) {
            return s.with(1, part(s.operand(0), 1))
                    .with(2, part(s.operand(0), 2))
                    .with(0, part(s.operand(0), 0));
        }
        return s.with(2, part(s.operand(1), 1)).with(1, part(s.operand(1), 0));
    }

    /** One of the parts of [batch, length, heads, parts, size], as [batch, length, heads * size]. */
    private static Tensor part(Tensor t, long which) {
        Tensor y = Tensor.allocate(t.dtype(), t.dim(0), t.dim(1), t.dim(2) * t.dim(4));
        long size = t.dim(4);
        for (long i = 0; i < y.size(); i++) {
            t.copyElementTo((i / size * t.dim(3) + which) * size + i % size, y, i);
        }
        return y;
    }

    /** With an operand and its zero point moved up by 128. */
    private static OperatorModel unsigned(OperatorModel s) {
        if (type(s) != DType.INT8) {
            return s;
        }
        Tensor zero = s.operand(6) == null ? Tensor.allocate(DType.INT8) : s.operand(6);
        return s.with(0, raised(s.operand(0))).with(6, raised(zero));
    }

    private static Tensor raised(Tensor t) {
        Tensor y = Tensor.allocate(DType.UINT8, t.dims());
        for (long i = 0; i < t.size(); i++) {
            y.setLong(i, t.getLong(i) + 128);
        }
        return y;
    }

    private static OperatorModel unbiased(OperatorModel s) {
        return s.operand(2) == null
                ? s.with(2, Tensor.allocate(type(s), s.operand(1).dim(1)))
                : s;
    }

    /** With the rows and columns of this sequence from a mask for the longest sequence. */
    private static OperatorModel square(OperatorModel s) {
        int at = s.operator().equals("Attention") ? 3 : 5;
        Tensor mask = s.operand(at);
        if (mask == null || mask.rank() != 4) {
            return s;
        }
        Tensor past = s.operand(at == 3 ? 4 : 8);
        long before = past == null ? 0 : past.dim(3);
        long length = s.operand(0).dim(1);
        Tensor own = Tensor.allocate(mask.dtype(), mask.dim(0), length, before + length);
        for (long i = 0; i < own.size(); i++) {
            long key = i % own.dim(2);
            long query = i / own.dim(2) % length;
            long batch = i / own.dim(2) / length;
            mask.copyElementTo((batch * mask.dim(2) + before + query) * mask.dim(3) + key, own, i);
        }
        return s.with(at, own);
    }

    /** Gives the runtime an equivalent model. */
    private static void ask(
            List<Deviation> list,
            String name,
            Predicate<OperatorModel> when,
            String reason,
            UnaryOperator<OperatorModel> spelling) {
        list.add(new Deviation(Microsoft.entry(name), when, Instead.RESPELLED, reason, spelling));
    }

    private static void add(List<Deviation> list, String name, Predicate<OperatorModel> when, String reason) {
        list.add(new Deviation(Microsoft.entry(name), when, Instead.FORMULA, reason));
    }

    private static DType type(OperatorModel s) {
        return s.operand(0).dtype();
    }
}
