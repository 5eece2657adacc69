package dev.tenon.op.reduce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.op.InferContext;
import dev.tenon.op.InferContext.Operand;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Inference of reductions whose dimensions, ranks or axes are not known. */
class ReductionTest {
    private static final Dim N = Dim.symbol("n");
    private static final TensorType AXES = new TensorType(DType.INT64, Shape.of(1));

    private static InferContext context(Reduction op, Operand... operands) {
        return new InferContext(op, "node", Arrays.asList(operands), 1, () -> Dim.symbol("fresh"));
    }

    private static Operand vector(Dim... dims) {
        return new Operand(new TensorType(DType.INT64, Shape.of(dims.length)), null, List.of(dims));
    }

    @Test
    void reducesSymbolicIntegers() {
        Reduction product = new ReduceProd(false, false);
        assertThat(product.inferValue(context(product, vector(N, Dim.of(3), N)), 0))
                .containsExactly(N.times(Dim.of(3)).times(N));
        Reduction sum = new ReduceSum(true, false);
        assertThat(sum.inferValue(context(sum, vector(N, Dim.of(3)), new Operand(Tensor.of(new long[] {-1}))), 0))
                .containsExactly(N.plus(Dim.of(3)));
        Reduction max = new ReduceMax(true, false);
        assertThat(max.inferValue(context(max, vector(N, Dim.of(3))), 0)).containsExactly(N.max(Dim.of(3)));
        Reduction min = new ReduceMin(true, false);
        assertThat(min.inferValue(context(min, vector(N, Dim.of(3))), 0)).containsExactly(N.min(Dim.of(3)));
    }

    @Test
    void tellsNothingOfOtherReductionsOrAxesThatAreNotKnown() {
        Reduction mean = new ReduceMean(true, false);
        assertThat(mean.inferValue(context(mean, vector(N, Dim.of(3))), 0)).isNull();
        Reduction sum = new ReduceSum(true, false);
        assertThat(sum.inferValue(context(sum, vector(N, Dim.of(3)), new Operand(AXES)), 0))
                .isNull();
        Reduction none = new ReduceSum(true, true);
        assertThat(none.inferValue(context(none, vector(N, Dim.of(3))), 0)).isNull();
    }

    @Test
    void aSingleNumberIsNotItsNorm() {
        for (Reduction norm : List.of(
                new ReduceL1(false, false),
                new ReduceL2(false, false),
                new ReduceSumSquare(false, false),
                new ReduceLogSum(false, false),
                new ReduceLogSumExp(false, false))) {
            assertThat(norm.inferValue(context(norm, vector(Dim.of(-5))), 0)).isNull();
        }
        Reduction sum = new ReduceSum(false, false);
        assertThat(sum.inferValue(context(sum, vector(Dim.of(-5))), 0)).containsExactly(Dim.of(-5));
    }

    @Test
    void keepsTheRankWhereOnlyTheAxesAreUnknown() {
        Operand data = new Operand(new TensorType(DType.FLOAT32, Shape.of(N, Dim.of(3))));
        Reduction kept = new ReduceSum(true, false);
        assertThat(((TensorType) kept.infer(context(kept, data, new Operand(AXES)))
                                .getFirst())
                        .shape()
                        .rank())
                .isEqualTo(2);
        Reduction dropped = new ReduceSum(false, false);
        assertThat(((TensorType) dropped.infer(context(dropped, data, new Operand(AXES)))
                                .getFirst())
                        .shape()
                        .hasRank())
                .isFalse();
    }

    @Test
    void tellsNothingOfNumbersThatTheTypeDoesNotHold() {
        Reduction product = new ReduceProd(false, false);
        TensorType whole = new TensorType(DType.INT64, Shape.scalar());
        InferContext large = context(product, vector(Dim.of(1L << 40), Dim.of(1L << 40)));
        assertThat(large.outputElements(0, whole)).isNull();
        Reduction sum = new ReduceSum(false, false);
        InferContext narrow = context(sum, new Operand(Tensor.of(new int[] {Integer.MAX_VALUE, 1})));
        assertThat(narrow.outputElements(0, new TensorType(DType.INT32, Shape.scalar())))
                .isNull();
        InferContext right = context(sum, new Operand(Tensor.of(new int[] {Integer.MAX_VALUE, -1})));
        assertThat(right.outputElements(0, new TensorType(DType.INT32, Shape.scalar())))
                .containsExactly(Dim.of(Integer.MAX_VALUE - 1));
        Tensor unsigned = Tensor.allocate(DType.UINT64, 1);
        unsigned.setLong(0, -1);
        assertThat(context(sum, new Operand(unsigned)).symbolic(0)).isNull();
    }

    @Test
    void reducesDataOfUnknownRank() {
        Reduction op = new ReduceSum(true, false);
        Operand data = new Operand(new TensorType(DType.FLOAT32, Shape.unknownRank()));
        assertThat(op.infer(context(op, data))).containsExactly(data.type());
    }
}
