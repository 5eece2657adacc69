package dev.tenon.compression.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Max;
import dev.tenon.op.math.Min;
import dev.tenon.op.math.Pow;
import dev.tenon.op.nn.BatchNormalization;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.Transpose;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TrainedWeightsTest {
    private final GraphBuilder b = new GraphBuilder("weights");

    private Value constant(String name, float value, long... dims) {
        float[] values = new float[dims.length == 2 ? (int) (dims[0] * dims[1]) : (int) dims[0]];
        Arrays.fill(values, value);
        return b.constant(name, Tensor.of(values, dims));
    }

    @Test
    void weightsAreTrainedAndOtherConstantsTellWhyNot() {
        Value ids = b.input("ids", ValueType.parse("i64[rows]"));
        Value x = b.add(new Gather(0), constant("table", 1, 9, 4), ids);
        x = b.add(new MatMul(), x, b.add(new Transpose(List.of(1, 0)), constant("moved", 1, 4, 4)));
        x = b.add(
                new BatchNormalization(1e-5f, 0.9f, false),
                x,
                constant("scale", 1, 4),
                constant("bias", 0, 4),
                constant("mean", 0, 4),
                constant("variance", 1, 4));
        x = b.add(new Add(), x, constant("mask", -10_000, 4));
        x = b.add(new Add(), x, constant("shift", 1, 4));
        x = b.add(new Pow(), x, constant("powers", 2, 4));
        x = b.add(new Pow(), x, b.constant("power", Tensor.scalar(2f)));
        TrainedWeights weights = TrainedWeights.of(b.output("y", x).build(), Set.of());
        assertThat(weights.trained()).containsOnlyKeys("moved", "scale", "bias", "shift");
        assertThat(weights.frozen())
                .hasSize(5)
                .containsEntry("table", "operand 0 of Gather")
                .containsEntry("mean", "operand 3 of BatchNormalization")
                .containsEntry("variance", "operand 4 of BatchNormalization")
                .containsEntry("mask", "a value of -10000.0, which is no weight")
                .containsEntry("powers", "operand 1 of Pow");
    }

    /** A bound beside a value is none of a weight; a weight may have bounds. */
    @Test
    void boundsAreNoWeights() {
        Value x = b.input("x", ValueType.parse("f32[rows,4]"));
        Value bounded = b.add(new Max(), constant("weight", 1, 4, 4), constant("least", 0, 4, 4));
        Value y = b.add(new MatMul(), b.add(new Max(), constant("bound", 1, 4), x), bounded);
        y = b.add(new Min(), constant("cap", 1, 4), y);
        TrainedWeights weights = TrainedWeights.of(
                b.output("y", b.add(new Add(), y, constant("shift", 1, 4))).build(), Set.of());
        assertThat(weights.trained()).containsOnlyKeys("weight", "shift");
        assertThat(weights.frozen())
                .containsEntry("bound", "operand 0 of Max")
                .containsEntry("cap", "operand 0 of Min")
                .containsEntry("least", "operand 1 of Max");
    }
}
