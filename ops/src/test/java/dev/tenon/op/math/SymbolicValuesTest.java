package dev.tenon.op.math;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Inferred values of small integer tensors whose elements are symbolic dimensions. */
class SymbolicValuesTest {
    private static final Dim BATCH = Dim.symbol("batch");
    private static final Dim LENGTH = Dim.symbol("length");

    private static InferContext.Operand dims(Dim... elements) {
        return new InferContext.Operand(
                new TensorType(DType.INT64, Shape.of(elements.length)), null, List.of(elements));
    }

    private static InferContext.Operand numbers(long... elements) {
        return new InferContext.Operand(Tensor.of(elements));
    }

    private static List<Dim> infer(Op op, InferContext.Operand... operands) {
        InferContext c = new InferContext(op, "", Arrays.asList(operands), 1, () -> Dim.symbol("fresh"));
        return op.inferValue(c, 0);
    }

    @Test
    void arithmeticIsSymbolic() {
        assertThat(infer(new Add(), dims(BATCH, LENGTH), numbers(1)))
                .containsExactly(BATCH.plus(Dim.of(1)), LENGTH.plus(Dim.of(1)));
        assertThat(infer(new Sub(), dims(BATCH), dims(LENGTH))).containsExactly(BATCH.minus(LENGTH));
        assertThat(infer(new Mul(), numbers(2, 3), dims(BATCH)))
                .containsExactly(Dim.of(2).times(BATCH), Dim.of(3).times(BATCH));
        assertThat(infer(new Neg(), dims(BATCH))).containsExactly(Dim.of(0).minus(BATCH));
        assertThat(infer(new Min(), dims(BATCH), dims(LENGTH), numbers(7)))
                .containsExactly(BATCH.min(LENGTH).min(Dim.of(7)));
        assertThat(infer(new Max(), dims(BATCH), numbers(-1))).containsExactly(BATCH);
    }

    @Test
    void divisionIsTheFloorOnlyWhereNothingIsNegative() {
        assertThat(infer(new Div(), dims(LENGTH), numbers(2))).containsExactly(LENGTH.floorDiv(Dim.of(2)));
        assertThat(infer(new Div(), dims(LENGTH.minus(Dim.of(5))), numbers(2))).isNull();
        assertThat(infer(new Div(), dims(LENGTH), numbers(-2))).isNull();
        assertThat(infer(new Div(), numbers(-7), numbers(2))).containsExactly(Dim.of(-3));
    }

    @Test
    void numbersWrapAroundAsTheirTypeDoes() {
        assertThat(infer(new Add(), numbers(Long.MAX_VALUE), numbers(1))).containsExactly(Dim.of(Long.MIN_VALUE));
        InferContext.Operand most = new InferContext.Operand(Tensor.of(new int[] {Integer.MAX_VALUE}));
        assertThat(infer(new Add(), most, most)).containsExactly(Dim.of(-2));
    }

    @Test
    void castKeepsWhatFits() {
        assertThat(infer(new Cast(DType.INT32), dims(BATCH, Dim.of(3)))).containsExactly(BATCH, Dim.of(3));
        assertThat(infer(new Cast(DType.UINT8), numbers(257))).containsExactly(Dim.of(1));
        assertThat(infer(new Cast(DType.UINT8), dims(BATCH))).isNull();
        assertThat(infer(new Cast(DType.FLOAT32), dims(BATCH))).isNull();
        assertThat(infer(new Cast(DType.BOOL), numbers(0, -7))).containsExactly(Dim.of(0), Dim.of(1));
    }

    @Test
    void comparisonAndSelectionNeedWhatDecides() {
        assertThat(infer(new Equal(), dims(BATCH, Dim.of(-1)), numbers(-1))).isNull();
        assertThat(infer(new Equal(), dims(BATCH, Dim.of(3)), dims(BATCH, Dim.of(-1))))
                .containsExactly(Dim.of(1), Dim.of(0));
        InferContext.Operand condition = new InferContext.Operand(Tensor.of(new boolean[] {true, false}));
        assertThat(infer(new Where(), condition, numbers(5), dims(BATCH, LENGTH)))
                .containsExactly(Dim.of(5), LENGTH);
    }

    @Test
    void whatIsNotKnownStaysUnknown() {
        InferContext.Operand unknown = new InferContext.Operand(new TensorType(DType.INT64, Shape.of(2)));
        assertThat(infer(new Add(), unknown, numbers(1))).isNull();
        assertThat(infer(new Add(), dims(BATCH), new InferContext.Operand(Tensor.of(new float[] {1}))))
                .isNull();
    }
}
