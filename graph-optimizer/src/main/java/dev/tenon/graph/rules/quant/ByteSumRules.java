package dev.tenon.graph.rules.quant;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.contrib.QLinearAdd;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.QuantizedConvSum;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Joins a sum of bytes with the convolution that one of its operands comes from, so that the bytes in between are never stored.
 * The convolution has its channels last. These rules are for machines that multiply bytes.
 */
public final class ByteSumRules {
    /** The rule. */
    public static final RuleSet SET = RuleSet.of(Rule.of(
                    "convolution-and-sum",
                    op(QLinearAdd.class, any()).open(),
                    (m, to) -> Join.of(m).emit(to))
            .unless(m -> Join.of(m).reason));

    private static final int SECOND = 3;
    private static final int SUM_SCALE = 6;

    private ByteSumRules() {}

    /**
     * A sum and a convolution.
     *
     * @param op the operator that they become
     * @param operands its operands
     * @param reason why there is none, or null
     */
    private record Join(QuantizedConvSum op, List<Value> operands, String reason) {
        private static Join of(Match m) {
            Join first = of(m, 0);
            if (first.reason == null) {
                return first;
            }
            Join second = of(m, SECOND);
            return first.op != null && second.reason != null ? first : second;
        }

        private static Join not(String reason) {
            return new Join(null, List.of(), reason);
        }

        /** The sum with the convolution that one of its operands comes from. */
        private static Join of(Match m, int own) {
            Node sum = m.root();
            Node node = sum.input(own).producer();
            boolean convolves = node != null
                    && node.op() instanceof ChannelsLast last
                    && last.op() instanceof QLinearConv
                    && m.uses(sum.input(own)) == 1;
            if (!convolves) {
                return not("no operand is a convolution that nothing else reads");
            }
            Value other = sum.input(SECOND - own);
            DType type = node.output().tensorType().dtype();
            if (!Shapes.same(sum.input(own), other)) {
                return not("the operands are not known to have the same shape");
            }
            int scale = QuantizedConvSum.CONV_SCALE;
            boolean same = isSame(node.input(scale), sum.input(own + 1), null)
                    && isSame(node.input(scale + 1), sum.input(own + 2), type);
            if (!same) {
                return not("the sum takes the bytes for other numbers");
            }
            List<Value> operands = new ArrayList<>();
            for (int i = 0; i < QuantizedConvSum.OTHER; i++) {
                operands.add(node.input(i));
            }
            for (int i = 0; i < SECOND; i++) {
                operands.add(sum.input(SECOND - own + i));
            }
            operands.add(sum.input(SUM_SCALE));
            operands.add(sum.input(SUM_SCALE + 1));
            QuantizedConvSum op = new QuantizedConvSum((QLinearConv) ((ChannelsLast) node.op()).op(), own == 0);
            return new Join(op, operands, ByteOperators.reasonAgainst(op, operands, m.target()));
        }

        /** Whether two parameters are equal constants. One that is left out is 0. */
        private static boolean isSame(Value a, Value b, DType type) {
            boolean constant = a.isConstant() && (b == null || b.isConstant());
            if (!constant) {
                return false;
            }
            Tensor other = b == null ? Tensor.allocate(type) : b.constant();
            return a.constant().getDouble(0) == other.getDouble(0);
        }

        private Value emit(Emitter to) {
            List<Value> all = new ArrayList<>(operands);
            for (int i : new int[] {QuantizedConvSum.OTHER + 2, QuantizedConvSum.SUM_SCALE + 1}) {
                if (all.get(i) == null) {
                    DType type =
                            operands.get(QuantizedConvSum.OTHER).tensorType().dtype();
                    all.set(i, to.constant(Tensor.allocate(type)));
                }
            }
            return to.add(op, all, 1).getFirst();
        }
    }
}
