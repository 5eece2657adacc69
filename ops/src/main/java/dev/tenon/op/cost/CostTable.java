package dev.tenon.op.cost;

import dev.tenon.op.Op;
import dev.tenon.op.ViewOp;
import dev.tenon.op.attention.Attention;
import dev.tenon.op.attention.PagedAttention;
import dev.tenon.op.attention.RotaryEmbedding;
import dev.tenon.op.attention.SwiGLU;
import dev.tenon.op.fused.BFloat16MatMul;
import dev.tenon.op.fused.BlockQuantizedMatMul;
import dev.tenon.op.fused.CentredQuantization;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.DynamicQuantizedMatMul;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.PairwiseDistances;
import dev.tenon.op.fused.QkvAttention;
import dev.tenon.op.fused.QkvRotaryEmbedding;
import dev.tenon.op.fused.RoundedAttention;
import dev.tenon.op.fused.SqueezeExcite;
import dev.tenon.op.fused.SumNormalization;
import dev.tenon.op.fused.TransposedMatMul;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.CastLike;
import dev.tenon.op.math.Elementwise;
import dev.tenon.op.math.Where;
import dev.tenon.op.nn.AveragePool;
import dev.tenon.op.nn.BatchNormalization;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Einsum;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.nn.GlobalMaxPool;
import dev.tenon.op.nn.GroupNormalization;
import dev.tenon.op.nn.InstanceNormalization;
import dev.tenon.op.nn.LRN;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.LogSoftmax;
import dev.tenon.op.nn.LpNormalization;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.op.nn.MeanVarianceNormalization;
import dev.tenon.op.nn.RMSNormalization;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.quant.BlockMatMul;
import dev.tenon.op.quant.ConvInteger;
import dev.tenon.op.quant.DequantizeBlocks;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.quant.DynamicQuantizeLinear;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.op.quant.QLinearMatMul;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.op.recurrent.DynamicQuantizeLSTM;
import dev.tenon.op.recurrent.GRU;
import dev.tenon.op.recurrent.LSTM;
import dev.tenon.op.recurrent.RNN;
import dev.tenon.op.reduce.ArgMax;
import dev.tenon.op.reduce.ArgMin;
import dev.tenon.op.reduce.Reduction;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.CumProd;
import dev.tenon.op.shape.CumSum;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.GatherElements;
import dev.tenon.op.shape.GatherND;
import dev.tenon.op.shape.Shape;
import dev.tenon.op.shape.Size;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.op.vision.DeformConv;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The arithmetic of each operator for operands of given types. It depends on types alone: work that depends on values is
 * not counted, such as the branches that are taken in a tree, and neither are the bodies of control operators.
 */
final class CostTable {
    /** A softmax finds the largest value, subtracts it, takes an exponential, sums, and divides. */
    private static final int SOFTMAX = 5;

    /** A rounding divides, limits twice, rounds, and multiplies. */
    private static final int ROUNDING = 5;

    /** A normalisation finds mean and variance by two operations each, subtracts, divides, scales, and shifts. */
    private static final int NORMALIZATION = 8;

    /**
     * The cell of an LSTM has five functions, three products and a sum. The cells of the others are counted likewise; a
     * GRU has three gates.
     */
    private static final int LSTM_CELL = 9;

    private static final int GRU_CELL = 8;
    private static final int DYNAMIC_QUANTIZATION = 4;

    /** The arithmetic of an operator, without its bytes. */
    @FunctionalInterface
    private interface Arithmetic {
        Cost of(Op op, Operands o);
    }

    /** Operators that move, convert or choose elements and compute none. */
    private static final Set<Class<? extends Op>> MOVES = Set.of(
            Cast.class,
            CastLike.class,
            Where.class,
            Concat.class,
            Gather.class,
            GatherElements.class,
            GatherND.class,
            Shape.class,
            Size.class,
            Slice.class);

    /** The rows for operators that compute. They are made when the cost of one of these is first asked for. */
    private static final class Rows {
        private static final Map<Class<? extends Op>, Arithmetic> TABLE = new HashMap<>();

        static {
            put((op, o) -> products(o.output(0).elements() * o.input(0).dim(-1)), MatMul.class, MatMulInteger.class);
            put((op, o) -> products(o.output(0).elements() * o.input(0).dim(-1)), TransposedMatMul.class);
            put((op, o) -> products(o.output(0).elements() * o.input(0).dim(-1)), PairwiseDistances.class);
            put((op, o) -> products(o.output(0).elements() * o.input(0).dim(-1)), BlockQuantizedMatMul.class);
            put((op, o) -> products(o.output(0).elements() * o.input(0).dim(-1)), BlockMatMul.class);
            put((op, o) -> products(o.output(0).elements() * o.input(0).dim(-1)), QLinearMatMul.class);
            put((op, o) -> products(o.output(0).elements() * o.input(0).dim(-1)), DynamicQuantizedMatMul.class);
            put((op, o) -> products(o.output(0).elements() * o.input(0).dim(-1)), BFloat16MatMul.class);
            put((op, o) -> gemm((Gemm) op, o), Gemm.class);
            put((op, o) -> convolution(o, 1, o.has(2)), Conv.class);
            put((op, o) -> convolution(o, 1, false), ConvInteger.class, DeformConv.class);
            put((op, o) -> convolution(o, 3, o.has(8)), QLinearConv.class);
            put((op, o) -> transposed(o), ConvTranspose.class);
            put((op, o) -> einsum((Einsum) op, o), Einsum.class);
            put((op, o) -> attention((Attention) op, o), Attention.class);
            put((op, o) -> attention((QkvAttention) op, o), QkvAttention.class);
            put((op, o) -> attention((RoundedAttention) op, o), RoundedAttention.class);
            put((op, o) -> attention((PagedAttention) op, o), PagedAttention.class);
            put((op, o) -> recurrent(o, 4, LSTM_CELL), LSTM.class, DynamicQuantizeLSTM.class);
            put((op, o) -> recurrent(o, 3, GRU_CELL), GRU.class);
            put((op, o) -> recurrent(o, 1, 1), RNN.class);
            put((op, o) -> others(SOFTMAX * o.input(0).elements()), Softmax.class, LogSoftmax.class);
            put((op, o) -> others(NORMALIZATION * o.input(0).elements()), LayerNormalization.class);
            put((op, o) -> others(summed(o)), SumNormalization.class);
            put((op, o) -> others(NORMALIZATION * o.input(0).elements()), GroupNormalization.class);
            put((op, o) -> others(NORMALIZATION * o.input(0).elements()), InstanceNormalization.class);
            put((op, o) -> others(NORMALIZATION * o.input(0).elements()), MeanVarianceNormalization.class);
            put((op, o) -> others(4 * o.input(0).elements()), RMSNormalization.class, LpNormalization.class);
            put((op, o) -> others(2 * o.input(0).elements()), BatchNormalization.class);
            put((op, o) -> others((2 * ((LRN) op).size() + 3) * o.input(0).elements()), LRN.class);
            put(
                    (op, o) -> others(o.output(0).elements()
                            * window(((AveragePool) op).window().kernelShape())),
                    AveragePool.class);
            put(
                    (op, o) -> others(o.output(0).elements()
                            * window(((MaxPool) op).window().kernelShape())),
                    MaxPool.class);
            put((op, o) -> others(o.input(0).elements()), GlobalAveragePool.class, GlobalMaxPool.class);
            put((op, o) -> others(o.input(0).elements()), ArgMax.class, ArgMin.class);
            put((op, o) -> others(o.input(0).elements()), CumSum.class, CumProd.class);
            put((op, o) -> others(2 * o.input(0).elements()), QuantizeLinear.class, DequantizeLinear.class);
            put((op, o) -> others(2 * o.output(0).elements()), DequantizeBlocks.class);
            put((op, o) -> others(DYNAMIC_QUANTIZATION * o.input(0).elements()), DynamicQuantizeLinear.class);
            put((op, o) -> others(DYNAMIC_QUANTIZATION * o.input(0).elements()), CentredQuantization.class);
            put((op, o) -> others(3 * o.input(0).elements()), RotaryEmbedding.class);
            put((op, o) -> others(3 * rotated((QkvRotaryEmbedding) op, o)), QkvRotaryEmbedding.class);
            put((op, o) -> others(3 * o.output(0).elements()), SwiGLU.class);
            put((op, o) -> squeezed(o), SqueezeExcite.class);
            put((op, o) -> fused((Fused) op, o), Fused.class);
            put((op, o) -> arithmetic(((ChannelsLast) op).op(), o), ChannelsLast.class);
        }

        @SafeVarargs
        private static void put(Arithmetic arithmetic, Class<? extends Op>... operators) {
            for (Class<? extends Op> operator : operators) {
                TABLE.put(operator, arithmetic);
            }
        }
    }

    private CostTable() {}

    /** The cost of one application, or null if a shape is not known. */
    static Cost of(Op op, List<? extends ValueType> inputs, List<? extends ValueType> outputs) {
        List<Operand> in = operands(inputs);
        List<Operand> out = operands(outputs);
        if (in == null || out == null) {
            return null;
        }
        if (op instanceof ViewOp) {
            return Cost.NONE;
        }
        Operands all = new Operands(in, out);
        Cost work = arithmetic(op, all);
        return new Cost(work.multiplyAdds(), work.others(), bytes(op, all));
    }

    private static Cost arithmetic(Op op, Operands all) {
        if (MOVES.contains(op.getClass())) {
            return Cost.NONE;
        }
        Arithmetic own = Rows.TABLE.get(op.getClass());
        if (own != null) {
            return own.of(op, all);
        }
        if (op instanceof Elementwise) {
            return others(all.output(0).elements());
        }
        return op instanceof Reduction ? others(all.input(0).elements()) : Cost.NONE;
    }

    /** The bytes that are read and written. An operand that is looked up counts with the part that is taken. */
    private static long bytes(Op op, Operands all) {
        long written = sum(all.outputs());
        if (op instanceof Shape || op instanceof Size) {
            return written;
        }
        if (op instanceof Slice) {
            return 2 * written;
        }
        if (op instanceof Gather || op instanceof GatherElements || op instanceof GatherND) {
            return 2 * written + all.input(1).bytes();
        }
        return written + sum(all.inputs());
    }

    private static long sum(List<Operand> operands) {
        long bytes = 0;
        for (Operand operand : operands) {
            bytes += operand == null ? 0 : operand.bytes();
        }
        return bytes;
    }

    private static Cost products(long multiplyAdds) {
        return new Cost(multiplyAdds, 0, 0);
    }

    private static Cost others(long operations) {
        return new Cost(0, operations, 0);
    }

    private static Cost gemm(Gemm gemm, Operands o) {
        long elements = o.output(0).elements();
        return new Cost(elements * o.input(0).dim(gemm.transA() ? 0 : -1), o.has(2) ? elements : 0, 0);
    }

    /** Weights [m, c / group, ...]: each output is a sum over all but the first of their dimensions. */
    private static Cost convolution(Operands o, int weights, boolean bias) {
        long elements = o.output(0).elements();
        return new Cost(elements * o.input(weights).elementsBehind(1), bias ? elements : 0, 0);
    }

    /** Weights [c, m / group, ...]: each input is added to as many outputs as all but the first of their dimensions. */
    private static Cost transposed(Operands o) {
        return new Cost(
                o.input(0).elements() * o.input(1).elementsBehind(1),
                o.has(2) ? o.output(0).elements() : 0,
                0);
    }

    /**
     * A multiplication for each further operand at each combination of indices; with one operand there are sums alone.
     */
    private static Cost einsum(Einsum einsum, Operands o) {
        String equation = einsum.equation().replace(" ", "");
        int arrow = equation.indexOf("->");
        String[] terms = (arrow < 0 ? equation : equation.substring(0, arrow)).split(",", -1);
        Map<Character, Long> sizes = new HashMap<>();
        long ellipsis = 1;
        for (int i = 0; i < terms.length && o.has(i); i++) {
            int dots = terms[i].indexOf("...");
            String letters = terms[i].replace("...", "");
            int hidden = o.input(i).rank() - letters.length();
            long own = 1;
            for (int k = 0, axis = 0; k < letters.length(); k++, axis++) {
                if (k == dots) {
                    axis += hidden;
                }
                sizes.merge(letters.charAt(k), o.input(i).dim(axis), Math::max);
            }
            for (int k = 0; k < hidden && dots >= 0; k++) {
                own *= o.input(i).dim(dots + k);
            }
            ellipsis = Math.max(ellipsis, own);
        }
        long combinations = ellipsis;
        for (long size : sizes.values()) {
            combinations *= size;
        }
        return terms.length == 1 ? others(combinations) : products((terms.length - 1) * combinations);
    }

    /** Two products: of queries and keys, and of probabilities and values. Between them is a softmax. */
    private static Cost attention(Attention op, Operands o) {
        Operand q = o.input(0);
        boolean packed = q.rank() == 3;
        long keys = o.input(1).dim(packed ? 1 : 2) + (o.has(4) ? o.input(4).dim(2) : 0);
        long products = (q.elements() + o.output(0).elements()) * keys;
        long heads = packed ? op.queryHeads() : q.dim(1);
        long rows = q.dim(0) * heads * q.dim(packed ? 1 : 2);
        return new Cost(products, SOFTMAX * rows * keys, 0);
    }

    /** The same for queries, keys and values in one operand: QKV [batch, length, heads * size]. */
    private static Cost attention(QkvAttention op, Operands o) {
        Operand qkv = o.input(0);
        long keys = qkv.dim(1) + (o.has(2) ? o.input(2).dim(2) : 0);
        long rows = qkv.dim(0) * op.attention().queryHeads() * qkv.dim(1);
        return new Cost(2 * o.output(0).elements() * keys, SOFTMAX * rows * keys, 0);
    }

    /** The same with roundings: Q, K and V [batch, heads, length, size], or QKV [batch, length, 3 * heads * size]. */
    private static Cost attention(RoundedAttention op, Operands o) {
        Operand q = o.input(0);
        boolean joined = op.heads() != null;
        long keys = joined ? q.dim(1) : o.input(1).dim(2);
        long rows = q.dim(0) * (joined ? op.heads() * q.dim(1) : q.dim(1) * q.dim(2));
        long rounded =
                q.elements() + (joined ? 0 : o.input(1).elements() + o.input(2).elements()) + rows * keys;
        return new Cost(2 * o.output(0).elements() * keys, SOFTMAX * rows * keys + ROUNDING * rounded, 0);
    }

    /** The same over pages, where all tokens are at the last position that the page table has room for. */
    private static Cost attention(PagedAttention op, Operands o) {
        Operand q = o.input(0);
        long room = o.input(5).dim(1) * PagedAttention.PAGE_TOKENS;
        long keys = op.window() == 0 ? room : Math.min(room, op.window());
        return new Cost(2 * q.elements() * keys, SOFTMAX * q.dim(1) * op.heads() * keys, 0);
    }

    /** The elements of queries and keys; values are not rotated: QKV [batch, length, heads * size]. */
    private static long rotated(QkvRotaryEmbedding op, Operands o) {
        long heads = op.rotation().heads();
        return o.input(0).elements() / (heads + op.valueHeads()) * heads;
    }

    /** A sum of terms, each of which has two operands, and its normalisation. */
    private static long summed(Operands o) {
        int terms = (o.inputs().size() - SumNormalization.TERMS + 1) / 2;
        return (NORMALIZATION + terms - 1) * o.output(0).elements();
    }

    /** Each step multiplies input and state by all weights: X [length, batch, size], R [directions, gates * hidden, …]. */
    private static Cost recurrent(Operands o, int gates, int cell) {
        long steps = o.input(0).elements() / Math.max(1, o.input(0).dim(-1));
        Operand r = o.input(2);
        long hidden = r.dim(0) * Math.max(r.dim(1), r.dim(2)) / gates;
        return new Cost(
                steps * (o.input(1).elements() + r.elements()), steps * hidden * (cell + (o.has(3) ? gates : 0)), 0);
    }

    /**
     * Each element is added to an average and scaled. Between these steps each weight is multiplied for each instance.
     */
    private static Cost squeezed(Operands o) {
        long instances = o.input(0).dim(0);
        long weights = o.input(1).elements() + o.input(2).elements();
        long functions = o.input(1).dim(0) + o.input(2).dim(0);
        return new Cost(instances * weights, 2 * o.input(0).elements() + instances * functions, 0);
    }

    private static Cost fused(Fused fused, Operands o) {
        List<TensorType> types = fused.valueTypes(
                o.inputs.stream().map(i -> i == null ? null : i.type()).toList(),
                o.outputs.getFirst().type());
        Cost sum = Cost.NONE;
        int value = fused.inputs();
        for (Fused.Part part : fused.parts()) {
            List<Operand> in = new ArrayList<>();
            for (int number : part.operands()) {
                in.add(number == Fused.ABSENT ? null : new Operand(types.get(number)));
            }
            sum = sum.plus(arithmetic(part.op(), new Operands(in, List.of(new Operand(types.get(value++))))));
        }
        return sum;
    }

    private static long window(List<Long> kernel) {
        long elements = 1;
        for (long size : kernel) {
            elements *= size;
        }
        return elements;
    }

    private static List<Operand> operands(List<? extends ValueType> types) {
        List<Operand> operands = new ArrayList<>();
        for (ValueType type : types) {
            if (type != null
                    && !(type instanceof TensorType t
                            && t.shape().hasRank()
                            && t.shape().isKnown())) {
                return null;
            }
            operands.add(type == null ? null : new Operand((TensorType) type));
        }
        return operands;
    }

    private record Operand(TensorType type) {
        private int rank() {
            return type.shape().rank();
        }

        /** A dimension, counted from the end if negative; 1 for dimensions that a scalar does not have. */
        private long dim(int i) {
            int axis = i < 0 ? rank() + i : i;
            return axis < 0 || axis >= rank() ? 1 : type.shape().dim(axis).value();
        }

        private long elements() {
            return type.shape().knownElements();
        }

        private long elementsBehind(int axis) {
            long elements = 1;
            for (int i = axis; i < rank(); i++) {
                elements *= dim(i);
            }
            return elements;
        }

        private long bytes() {
            return type.dtype() == DType.STRING ? 0 : type.dtype().byteSize(elements());
        }
    }

    private record Operands(List<Operand> inputs, List<Operand> outputs) {
        private boolean has(int i) {
            return i < inputs.size() && inputs.get(i) != null;
        }

        private Operand input(int i) {
            return inputs.get(i);
        }

        /** An output, or the first one that is asked for if this one is not. */
        private Operand output(int i) {
            return outputs.get(i) != null
                    ? outputs.get(i)
                    : outputs.stream().filter(Objects::nonNull).findFirst().orElseThrow();
        }
    }
}
