package dev.tenon.compression.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.ModelSize;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Shape;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StudentsTest {
    private static final int WIDTH = 8;

    /** Layers on a residual stream, each with two branches, and with a mask beside them that all layers use. */
    private static Model residual(int layers, boolean isNormalizedAfter) {
        Random random = new Random(3);
        GraphBuilder b = new GraphBuilder("residual");
        Value ids = b.input("x", ValueType.parse("f32[rows,length," + WIDTH + "]"));
        Value mask = b.add(new Relu(), b.input("mask", ValueType.parse("f32[rows,length,1]")));
        Value x = SmallNetworks.layer(b, random, ids, "embedding", WIDTH, WIDTH);
        for (int i = 0; i < layers; i++) {
            Value in = isNormalizedAfter ? x : normalized(b, x);
            Value masked = b.add(new Mul(), SmallNetworks.layer(b, random, in, "attention" + i, WIDTH, WIDTH), mask);
            Value shaped = b.add(new Reshape(false), masked, b.add(Shape.of(Attributes.none()), in));
            x = b.add(new Add(), x, shaped);
            x = isNormalizedAfter ? normalized(b, x) : x;
            Value wide = b.add(new Relu(), SmallNetworks.layer(b, random, x, "wide" + i, WIDTH, 16));
            x = b.add(new Add(), x, SmallNetworks.layer(b, random, wide, "narrow" + i, 16, WIDTH));
            x = isNormalizedAfter ? normalized(b, x) : x;
        }
        return Model.of(b.output("y", SmallNetworks.layer(b, random, x, "head", WIDTH, 3))
                .build());
    }

    private static Value normalized(GraphBuilder b, Value x) {
        float[] ones = new float[WIDTH];
        Arrays.fill(ones, 1);
        return b.add(new LayerNormalization(-1, 1e-5f, DType.FLOAT32), x, b.constant(Tensor.of(ones)));
    }

    private static List<String> weights(Model model) {
        return model.graph().constants().stream()
                .map(Value::name)
                .filter(name -> name.endsWith("/w"))
                .toList();
    }

    @Test
    void layersOfAResidualStreamAreFound() {
        for (boolean isNormalizedAfter : new boolean[] {false, true}) {
            Model teacher = residual(5, isNormalizedAfter);
            Model student = Students.of(teacher).everyNthLayer(2).build();
            assertThat(weights(student))
                    .containsExactlyInAnyOrder(
                            "embedding/w",
                            "attention0/w",
                            "wide0/w",
                            "narrow0/w",
                            "attention2/w",
                            "wide2/w",
                            "narrow2/w",
                            "attention4/w",
                            "wide4/w",
                            "narrow4/w",
                            "head/w");
            assertThat(student.outputs()).isEqualTo(teacher.outputs());
            assertThat(student.predict(Map.of(
                                    "x", SmallNetworks.random(new Random(1), 1, 2, 5, WIDTH),
                                    "mask", SmallNetworks.random(new Random(2), 1, 2, 5, 1)))
                            .tensor()
                            .dims())
                    .containsExactly(2, 5, 3);
            assertThat(weights(Students.of(teacher).everyNthLayer(5).build())).hasSize(5);
            assertThat(weights(teacher)).hasSize(17);
        }
    }

    @Test
    void aStudentOfEqualLayersIsTheSameAsANetworkOfFewerLayers() {
        Model student = Students.of(residual(3, false)).everyNthLayer(3).build();
        Model one = residual(1, false);
        Map<String, Tensor> inputs = Map.of(
                "x", SmallNetworks.random(new Random(1), 1, 2, 5, WIDTH),
                "mask", SmallNetworks.random(new Random(2), 1, 2, 5, 1));
        assertThat(student.graph().nodes()).hasSameSizeAs(one.graph().nodes());
        assertThat(student.predict(inputs).tensor().dims())
                .isEqualTo(one.predict(inputs).tensor().dims());
    }

    @Test
    void withoutRepeatedLayersTheSegmentsAreTold() {
        assertThatThrownBy(() -> Students.of(SmallNetworks.network(12, 1))
                        .everyNthLayer(2)
                        .build())
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("layers of graph 'network12'")
                .hasMessageContaining("5: [MatMul, Add, Relu, MatMul, Add]");
        assertThatThrownBy(() -> Students.of(SmallNetworks.network(12, 1)).everyNthLayer(1))
                .isInstanceOf(InvalidOptionException.class);
    }

    @Test
    void channelsGo() {
        Model teacher = SmallNetworks.network(48, 1);
        Model student = Students.of(teacher).channels(0.75).build();
        assertThat(ModelSize.parameters(student.graph())).isLessThan(ModelSize.parameters(teacher.graph()) * 2 / 5);
        assertThat(student.inputs()).isEqualTo(teacher.inputs());
        assertThat(student.outputs()).isEqualTo(teacher.outputs());
    }

    /** Texts and nodes of segments are compared as numbers: a chain that is long takes no longer than its square. */
    @Test
    void manyLayersAreFound() {
        int layers = 1200;
        GraphBuilder b = new GraphBuilder("chain");
        Value x = b.input("x", ValueType.parse("f32[rows,2]"));
        Value w = b.constant("w", Tensor.of(new float[] {1, 0, 0, 1}, 2, 2));
        for (int i = 0; i < layers; i++) {
            x = b.add(new MatMul(), x, w);
        }
        Model student = Students.of(Model.of(b.output("y", x).build()))
                .everyNthLayer(layers)
                .build();
        assertThat(student.graph().nodes()).hasSize(1);
    }
}
