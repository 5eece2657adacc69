package dev.tenon.graph.rules.quant;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.Producers;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Mul;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Makes one operator of a product of bytes whose sums get a bias, are scaled, and become bytes again: QLinearMatMul, QGemm and
 * their QDQ forms. A product of rows with constant weights is a convolution with channels last whose windows are one pixel, and
 * its kernel rounds the sums of a tile while they are in registers. These rules are for machines that multiply bytes.
 */
public final class RequantizedProductRules {
    /** The rule. */
    public static final RuleSet SET = RuleSet.of(Rule.of(
                    "requantized-product",
                    op(
                                    QuantizeLinear.class,
                                    any("y"),
                                    constant(
                                            "scale",
                                            t -> t.size() == 1 && t.dtype() == DType.FLOAT32 && t.getFloat(0) == 1))
                            .open(),
                    RequantizedProductRules::convolved)
            .unless(m -> Chain.of(m).reason));

    /** Kernels take a multiple of so many columns. */
    private static final int COLUMNS = 4;

    private static final int ZERO = 2;
    private static final int WEIGHT_ZERO = 3;

    private RequantizedProductRules() {}

    /** The operators between bytes and bytes. */
    private static final class Chain {
        private final Match m;
        private String reason;
        private Tensor factor;
        private Tensor bias;
        private Node product;

        private Chain(Match m) {
            this.m = m;
        }

        private static Chain of(Match m) {
            Chain chain = new Chain(m);
            chain.reason = chain.follow();
            if (chain.reason == null) {
                chain.reason = chain.operandReason();
            }
            return chain;
        }

        /** Goes from the scaled sums to the product, and tells why they do not come from one, or null. */
        private String follow() {
            QuantizeLinear q = m.rootOp(QuantizeLinear.class);
            DType type = m.root().output().tensorType().dtype();
            boolean plain = q.blockSize() == 0 && (q.precision() == null || q.precision() == DType.FLOAT32);
            if (!plain || type != DType.INT8 && type != DType.UINT8) {
                return "the result is not one of bytes with one scale";
            }
            Node scaled = Producers.once(m, m.value("y"), Mul.class);
            Node cast = null;
            for (int i = 0; i < 2 && scaled != null && cast == null; i++) {
                factor = scaled.input(1 - i).constant();
                cast = factor == null ? null : Producers.once(m, scaled.input(i), Cast.class);
            }
            if (cast == null || factor.dtype() != DType.FLOAT32) {
                return "it does not scale sums by constants";
            }
            Value sums = cast.input(0);
            Node added = Producers.once(m, sums, Add.class);
            for (int i = 0; i < 2 && added != null; i++) {
                if (added.input(1 - i).isConstant()) {
                    bias = added.input(1 - i).constant();
                    sums = added.input(i);
                }
            }
            product = Producers.once(m, sums, MatMulInteger.class);
            return product == null ? "it scales no sums of products" : null;
        }

        private String operandReason() {
            Value x = product.input(0);
            Value w = product.input(1);
            int rank = Shapes.rank(x);
            if (rank < 2
                    || rank > 4
                    || !w.isConstant()
                    || Shapes.rank(w) != 2
                    || w.constant().size() == 0) {
                return "it is no product of rows with constant weights";
            }
            long columns = w.constant().dim(1);
            Value yZero = m.root().input(ZERO);
            for (Value v : Arrays.asList(product.input(ZERO), yZero)) {
                if (v != null && (!v.isConstant() || v.constant().size() != 1)) {
                    return "a zero point is not one constant";
                }
            }
            Value wZero = product.input(WEIGHT_ZERO);
            if (wZero != null && !wZero.isConstant()) {
                return "the zero points of the weights are computed";
            }
            for (Tensor t : Arrays.asList(factor, bias)) {
                boolean fits = t == null
                        || t.rank() <= rank && (t.size() == 1 || t.size() == columns && t.dim(t.rank() - 1) == columns);
                if (!fits) {
                    return "there is not one parameter for all columns, or one for each";
                }
            }
            return ByteOperators.reasonAgainst(convolution(), constants(), m.target());
        }

        private static QLinearConv convolution() {
            return new QLinearConv(
                    new WindowAttributes(
                            WindowAttributes.AutoPad.NOTSET, List.of(), List.of(), List.of(), List.of(), false),
                    1);
        }

        /** The operands of the convolution; that of the rows is null. */
        private List<Tensor> constants() {
            DType type = product.input(0).tensorType().dtype();
            Tensor xZero = zero(product.input(ZERO), type);
            Tensor yZero =
                    zero(m.root().input(ZERO), m.root().output().tensorType().dtype());
            Tensor w = product.input(1).constant();
            Tensor wZero = product.input(WEIGHT_ZERO) == null
                    ? Tensor.allocate(w.dtype())
                    : row(product.input(WEIGHT_ZERO).constant());
            List<Tensor> constants = new ArrayList<>(Arrays.asList(
                    null, Tensor.scalar(1f), xZero, weights(wZero), row(factor), wZero, Tensor.scalar(1f), yZero));
            if (bias != null) {
                constants.add(bias.size() == 1 ? filled() : row(bias));
            }
            return constants;
        }

        private static Tensor zero(Value v, DType type) {
            return v == null ? Tensor.allocate(type) : v.constant().reshape();
        }

        private long columns() {
            return Math.ceilDiv(product.input(1).constant().dim(1), COLUMNS) * (long) COLUMNS;
        }

        /** One bias for all columns, as one for each. */
        private Tensor filled() {
            Tensor all = Tensor.allocate(DType.INT32, columns());
            for (long i = 0; i < all.size(); i++) {
                all.setLong(i, bias.getLong(0));
            }
            return all;
        }

        /** A scalar, or one number for each column and 0 for columns that are added. */
        private Tensor row(Tensor t) {
            if (t.size() == 1) {
                return t.reshape();
            }
            Tensor all = Tensor.allocate(t.dtype(), columns());
            for (long i = 0; i < t.size(); i++) {
                all.setDouble(i, t.getDouble(i));
            }
            return all;
        }

        /** The weights [k,n] as those of a convolution, [n,k,1] or [n,k,1,1]. Columns that are added give 0. */
        private Tensor weights(Tensor zero) {
            Tensor w = product.input(1).constant();
            long k = w.dim(0);
            long n = w.dim(1);
            boolean planes = Shapes.rank(product.input(0)) == 4;
            Tensor turned = planes
                    ? Tensor.allocate(w.dtype(), columns(), k, 1, 1)
                    : Tensor.allocate(w.dtype(), columns(), k, 1);
            for (long i = 0; i < turned.size(); i++) {
                long column = i / k;
                long padding = zero.size() == 1 ? zero.getLong(0) : 0;
                turned.setLong(i, column < n ? w.getLong(i % k * n + column) : padding);
            }
            return turned;
        }
    }

    private static Value convolved(Match m, Emitter to) {
        Chain chain = Chain.of(m);
        Value x = chain.product.input(0);
        boolean isMatrix = Shapes.rank(x) == 2;
        Value axis = isMatrix ? to.constant(Tensor.of(new long[] {0})) : null;
        List<Value> operands = new ArrayList<>();
        operands.add(isMatrix ? to.add(new Unsqueeze(), x, axis) : x);
        List<Tensor> constants = chain.constants();
        for (Tensor t : constants.subList(1, constants.size())) {
            operands.add(to.constant(t));
        }
        Value y = to.add(new ChannelsLast(Chain.convolution()), operands, 1).getFirst();
        y = isMatrix ? to.add(new Squeeze(), y, axis) : y;
        long columns = chain.product.input(1).constant().dim(1);
        if (columns == chain.columns()) {
            return y;
        }
        return to.add(
                new Slice(),
                y,
                to.constant(Tensor.of(new long[] {0})),
                to.constant(Tensor.of(new long[] {columns})),
                to.constant(Tensor.of(new long[] {Shapes.rank(x) - 1L})));
    }
}
