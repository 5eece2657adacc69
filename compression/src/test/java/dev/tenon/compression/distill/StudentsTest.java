package dev.tenon.compression.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.ModelSize;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.Value;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StudentsTest {
    private static final int WIDTH = 8;

    /** A layer on a residual stream from x# to x+, with two branches, and with a mask that all layers use. */
    private static final String LAYER = """
            %attention#/w = const f32[8,8] @attention#.8x8
            %attention#/b = const f32[8] @attention#.8
            %wide#/w = const f32[8,16] @wide#.8x16
            %wide#/b = const f32[16] @wide#.16
            %narrow#/w = const f32[16,8] @narrow#.16x8
            %narrow#/b = const f32[8] @narrow#.8
            BEFORE
            %attention#/p = MatMul(%in#, %attention#/w)
            %attention#/y = Add(%attention#/p, %attention#/b)
            %masked# = Mul(%attention#/y, %rectified)
            %shape# = Shape(%in#)
            %shaped# = Reshape(%masked#, %shape#)
            %sum# = Add(%x#, %shaped#)
            BETWEEN
            %wide#/p = MatMul(%middle#, %wide#/w)
            %wide#/y = Add(%wide#/p, %wide#/b)
            %relu# = Relu(%wide#/y)
            %narrow#/p = MatMul(%relu#, %narrow#/w)
            %narrow#/y = Add(%narrow#/p, %narrow#/b)
            %last# = Add(%middle#, %narrow#/y)
            AFTER
            """;

    private static final String BEFORE = LAYER.replace("BEFORE", "%in# = LayerNormalization<axis=-1>(%x#, %ones)")
            .replace("BETWEEN\n", "")
            .replace("%middle#", "%sum#")
            .replace("AFTER\n", "")
            .replace("%last#", "%x+");

    private static final String AFTER = LAYER.replace("BEFORE\n", "")
            .replace("%in#", "%x#")
            .replace("BETWEEN", "%middle# = LayerNormalization<axis=-1>(%sum#, %ones)")
            .replace("AFTER", "%x+ = LayerNormalization<axis=-1>(%last#, %ones)");

    private static Model residual(int layers, boolean isNormalizedAfter) {
        StringBuilder text = new StringBuilder("""
                graph residual(%x: f32[rows,length,8], %mask: f32[rows,length,1]) {
                %ones = const f32[8] {1, 1, 1, 1, 1, 1, 1, 1}
                %embedding/w = const f32[8,8] @embedding.8x8
                %head/w = const f32[8,3] @head.8x3
                %rectified = Relu(%mask)
                %x0 = MatMul(%x, %embedding/w)
                """);
        for (int i = 0; i < layers; i++) {
            text.append(
                    (isNormalizedAfter ? AFTER : BEFORE).replace("#", i + "").replace("%x+", "%x" + (i + 1)));
        }
        text.append("%y = MatMul(%x" + layers + ", %head/w)\nreturn %y\n}");
        return model(text + "");
    }

    /** A network of a text, whose constants have their shape after a point. */
    private static Model model(String text) {
        return Model.of(GraphText.parse(text, StandardOperators.set(), name -> {
            String[] dims = name.substring(name.indexOf('.') + 1).split("x");
            return SmallNetworks.random(
                    new Random(name.hashCode()),
                    0.5,
                    Arrays.stream(dims).mapToLong(Long::parseLong).toArray());
        }));
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
        StringBuilder text = new StringBuilder("graph chain(%x0: f32[rows,2]) {\n%w = const f32[2,2] {1, 0, 0, 1}\n");
        for (int i = 0; i < layers; i++) {
            text.append("%x" + (i + 1) + " = MatMul(%x" + i + ", %w)\n");
        }
        Model student = Students.of(model(text + "return %x" + layers + "\n}"))
                .everyNthLayer(layers)
                .build();
        assertThat(student.graph().nodes()).hasSize(1);
    }
}
