package dev.tenon.op.shape;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.op.InferContext;
import dev.tenon.op.InferContext.Operand;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Shape arithmetic as exported models have it, with symbolic dimensions. */
class ShapeArithmeticTest {
    private int fresh;

    private static TensorType type(String text) {
        return (TensorType) ValueType.parse(text);
    }

    private static Operand value(String type) {
        return new Operand(type(type));
    }

    private static Operand numbers(long... values) {
        return new Operand(Tensor.of(values));
    }

    private static Operand scalar(long value) {
        return new Operand(Tensor.scalar(value));
    }

    /** An int64 vector whose elements are known dimensions. */
    private static Operand dims(String... elements) {
        List<Dim> symbolic = Arrays.stream(elements).map(Dim::parse).toList();
        return new Operand(type("i64[" + elements.length + "]"), null, symbolic);
    }

    private Operand apply(Op op, Operand... operands) {
        InferContext c = new InferContext(op, "", Arrays.asList(operands), 1, () -> Dim.symbol("?" + fresh++));
        op.schema().check(c);
        TensorType type = (TensorType) op.infer(c).get(0);
        boolean small = type.shape().hasRank()
                && type.shape().rank() <= 1
                && type.dtype().isInteger();
        return new Operand(type, null, small ? op.inferValue(c, 0) : null);
    }

    private String shape(Op op, Operand... operands) {
        return ((TensorType) apply(op, operands).type()).shape().toString();
    }

    @Test
    void headsAreSplitByDimensionsTakenOneByOne() {
        Operand hidden = value("f32[batch,seq,384]");
        Operand shape = apply(new Shape(0, Shape.TO_THE_END), hidden);
        Operand batch = apply(new Unsqueeze(), apply(new Gather(0), shape, scalar(0)), numbers(0));
        Operand seq = apply(new Unsqueeze(), apply(new Gather(0), shape, scalar(1)), numbers(0));
        Operand target = apply(new Concat(0), batch, seq, numbers(12), numbers(32));
        assertThat(shape(new Reshape(false), hidden, target)).isEqualTo("[batch,seq,12,32]");
    }

    @Test
    void headsAreJoinedBySlicesOfTheShape() {
        Operand heads = value("f32[batch,seq,12,32]");
        Operand front = apply(new Slice(), apply(new Shape(0, 4), heads), numbers(0), numbers(2), numbers(0));
        Operand target = apply(new Concat(0), front, numbers(-1));
        assertThat(shape(new Reshape(false), heads, target)).isEqualTo("[batch,seq,384]");
    }

    @Test
    void openDimensionsDivide() {
        assertThat(shape(new Reshape(false), value("f32[batch,seq,384]"), numbers(-1, 384)))
                .isEqualTo("[batch*seq,384]");
        assertThat(shape(new Reshape(false), value("f32[batch,n]"), numbers(0, -1, 4)))
                .isEqualTo("[batch,floor(n/4),4]");
        assertThat(shape(new Reshape(false), value("f32[*]"), numbers(0, -1, 4)))
                .isEqualTo("[?0,?1,4]");
        assertThat(shape(new Reshape(false), value("f32[a,b]"), value("i64[3]")))
                .isEqualTo("[?2,?3,?4]");
        assertThat(shape(new Reshape(false), value("f32[a,b]"), value("i64[n]")))
                .isEqualTo("[*]");
    }

    @Test
    void slicesKeepSymbolicBounds() {
        Operand positions = value("i64[1,512]");
        assertThat(shape(new Slice(), positions, numbers(0), dims("seq"), numbers(1)))
                .isEqualTo("[1,min(512,seq)]");
        assertThat(shape(new Slice(), positions, dims("past"), dims("past+seq"), numbers(1)))
                .isEqualTo("[1," + Dim.parse("max(min(512,past+seq)-past,0)") + "]");
        Operand hidden = value("f32[batch,seq,384]");
        assertThat(shape(new Slice(), hidden, numbers(0), numbers(Long.MAX_VALUE), numbers(1)))
                .isEqualTo("[batch,seq,384]");
        assertThat(shape(new Slice(), hidden, numbers(1), numbers(Integer.MAX_VALUE), numbers(1)))
                .isEqualTo("[batch," + Dim.parse("max(seq-1,0)") + ",384]");
        assertThat(shape(new Slice(), hidden, numbers(-1), numbers(Long.MAX_VALUE), numbers(1)))
                .isEqualTo("[batch," + Dim.parse("min(seq,1)") + ",384]");
        assertThat(shape(new Slice(), hidden, numbers(-1), numbers(Long.MIN_VALUE), numbers(1), numbers(-1)))
                .isEqualTo("[batch,seq,384]");
    }

    @Test
    void slicesByBoundsOfUnknownSignAreFresh() {
        Operand hidden = value("f32[batch,seq,384]");
        assertThat(shape(new Slice(), hidden, dims("a-b"), numbers(Long.MAX_VALUE), numbers(1)))
                .isEqualTo("[batch,?0,384]");
        assertThat(shape(new Slice(), hidden, value("i64[1]"), value("i64[1]"), numbers(1)))
                .isEqualTo("[batch,?1,384]");
        assertThat(shape(new Slice(), hidden, value("i64[1]"), value("i64[1]"), value("i64[1]")))
                .isEqualTo("[?2,?3,?4]");
    }

    @Test
    void masksGrowWithTheirShapes() {
        assertThat(shape(new Expand(), value("bool[batch,1,1,seq]"), dims("batch", "1", "seq", "seq")))
                .isEqualTo("[batch,1,seq,seq]");
        assertThat(shape(new ConstantOfShape(null), dims("batch", "seq"))).isEqualTo("[batch,seq]");
        assertThat(shape(new Tile(), value("f32[a,1]"), dims("n", "seq"))).isEqualTo("[a*n,seq]");
        assertThat(shape(new Pad(Pad.Mode.CONSTANT), value("f32[h]"), dims("p", "1")))
                .isEqualTo("[h+p+1]");
        assertThat(shape(new Concat(1), value("f32[b,past]"), value("f32[b,seq]")))
                .isEqualTo("[b,past+seq]");
    }

    @Test
    void rangesCountTheirElements() {
        Operand seq = new Operand(type("i64[]"), null, List.of(Dim.symbol("seq")));
        Operand next = new Operand(type("i64[]"), null, List.of(Dim.parse("seq+2")));
        assertThat(shape(new Range(), scalar(0), seq, scalar(1))).isEqualTo("[seq]");
        assertThat(shape(new Range(), scalar(0), seq, scalar(2))).isEqualTo("[floor((seq+1)/2)]");
        Operand two = apply(new Range(), seq, next, scalar(1));
        assertThat(two.symbolic()).containsExactly(Dim.parse("seq"), Dim.parse("seq+1"));
    }

    @Test
    void splitsDivide() {
        Operand gates = value("f32[b,2*n]");
        assertThat(shape(new Split(1, 1), gates)).isEqualTo("[b,2*n]");
        InferContext c = new InferContext(new Split(1, 2), "", List.of(gates), 2, () -> Dim.symbol("?"));
        assertThat(new Split(1, 2).infer(c)).containsExactly(type("f32[b,n]"), type("f32[b,n]"));
    }

    @Test
    void valuesFlowThroughMoves() {
        Operand shape = dims("a", "b", "3");
        assertThat(apply(new Identity(), shape).symbolic()).isEqualTo(shape.symbolic());
        assertThat(apply(new Slice(), shape, numbers(-1), numbers(Long.MIN_VALUE), numbers(0), numbers(-1))
                        .symbolic())
                .containsExactly(Dim.of(3), Dim.symbol("b"), Dim.symbol("a"));
        assertThat(apply(new Gather(0), shape, numbers(2, -3)).symbolic()).containsExactly(Dim.of(3), Dim.symbol("a"));
        assertThat(apply(new Tile(), dims("a", "b"), numbers(2)).symbolic())
                .extracting(Dim::toString)
                .containsExactly("a", "b", "a", "b");
        assertThat(apply(new Expand(), dims("a"), numbers(2)).symbolic())
                .extracting(Dim::toString)
                .containsExactly("a", "a");
        assertThat(apply(new Size(), value("f32[a,b,3]")).symbolic()).containsExactly(Dim.parse("3*a*b"));
        assertThat(apply(new ConstantOfShape(Tensor.of(new long[] {-1})), numbers(2))
                        .symbolic())
                .containsExactly(Dim.of(-1), Dim.of(-1));
        assertThat(apply(new Squeeze(), dims("a"), numbers(0)).symbolic()).containsExactly(Dim.symbol("a"));
        assertThat(apply(new Reshape(false), dims("a"), numbers()).symbolic()).containsExactly(Dim.symbol("a"));
        Operand whole = new Operand(new TensorType(DType.INT64, dev.tenon.tensor.Shape.unknownRank()));
        assertThat(apply(new Concat(0), shape, whole).symbolic()).isNull();
    }
}
