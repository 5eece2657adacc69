package dev.tenon.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GraphBuilderTest {
    private static final ValueType VECTOR = ValueType.parse("f32[2]");

    private static Op op(String name) {
        return Graphs.OPERATORS.find("", name).orElseThrow().create(Attributes.none());
    }

    @Test
    void valuesAreTypedFromBirth() {
        GraphBuilder builder = new GraphBuilder("g");
        Value x = builder.input("x", ValueType.parse("f32[n,1]"));
        Value y = builder.input("y", ValueType.parse("f32[3]"));
        Value z = builder.add(op("Add"), x, y);
        assertThat(z.type().toString()).isEqualTo("f32[n,3]");
        assertThat(z.producer().inputs()).containsExactly(x, y);
        assertThat(z.toString()).isEqualTo("%Add: f32[n,3]");
        assertThatThrownBy(() -> builder.add(op("And"), x, y)).isInstanceOf(InvalidOperandException.class);
    }

    @Test
    void namesAreUnique() {
        GraphBuilder builder = new GraphBuilder("g");
        Value x = builder.input("x", VECTOR);
        assertThatThrownBy(() -> builder.input("x", VECTOR))
                .isInstanceOf(InvalidGraphException.class)
                .hasMessageContaining("'x'");
        assertThatThrownBy(() -> builder.constant("x", Tensor.scalar(1f))).isInstanceOf(InvalidGraphException.class);
        assertThatThrownBy(() -> builder.add(op("Neg"), "n", List.of(x), List.of("x")))
                .isInstanceOf(InvalidGraphException.class);
        builder.output("o", x);
        assertThatThrownBy(() -> builder.output("o", x))
                .isInstanceOf(InvalidGraphException.class)
                .hasMessageContaining("'o'");
        Set<String> names = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            assertThat(names.add(builder.add(op("Neg"), x).name())).isTrue();
        }
        assertThat(builder.isTaken("Neg")).isTrue();
    }

    @Test
    void valuesOfOtherGraphsAreRefused() {
        GraphBuilder builder = new GraphBuilder("g");
        Value foreign = new GraphBuilder("other").input("x", VECTOR);
        assertThatThrownBy(() -> builder.add(op("Neg"), foreign))
                .isInstanceOf(InvalidGraphException.class)
                .hasMessageContaining("another graph");
        assertThatThrownBy(() -> builder.output(foreign)).isInstanceOf(InvalidGraphException.class);
    }

    @Test
    void moreOutputsThanAnOperatorHasAreRefused() {
        GraphBuilder builder = new GraphBuilder("g");
        Value x = builder.input("x", VECTOR);
        assertThatThrownBy(() -> builder.add(op("Neg"), "n", List.of(x), List.of("a", "b")))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("'n'");
    }

    @Test
    void operandsAndOutputsMayBeLeftOut() {
        GraphBuilder builder = new GraphBuilder("g");
        Value x = builder.input("x", VECTOR);
        Value six = builder.constant(Tensor.scalar(6f));
        List<Value> results = builder.add(op("Clip"), "", Arrays.asList(x, null, six), Arrays.asList((String) null));
        assertThat(results).containsExactly((Value) null);
        Node node = builder.build().nodes().getFirst();
        assertThat(node.input(1)).isNull();
        assertThat(node.input(9)).isNull();
        assertThat(node.output()).isNull();
    }

    @Test
    void graphsDoNotChangeWhenTheBuilderGoesOn() {
        GraphBuilder builder = new GraphBuilder("g");
        Value x = builder.input("x", VECTOR);
        Graph before = builder.output(x).build();
        builder.add(op("Neg"), x);
        assertThat(before.nodes()).isEmpty();
        assertThat(builder.build().nodes()).hasSize(1);
    }

    @Test
    void freshDimensionsOccurNowhereElse() {
        GraphBuilder builder = new GraphBuilder("g");
        builder.input("x", ValueType.parse("seq(f32[?7])"));
        builder.input(
                "n",
                new InferContext.Operand(
                        ValueType.parse("i64[1]"), null, List.of(Dim.parse("?9").plus(Dim.of(1)))));
        Set<Dim> seen = new HashSet<>(List.of(Dim.symbol("?7"), Dim.symbol("?9")));
        GraphBuilder body = builder.body("b");
        for (int i = 0; i < 20; i++) {
            assertThat(seen.add(builder.freshDim())).isTrue();
            assertThat(seen.add(body.freshDim())).isTrue();
        }
    }

    @Test
    void longExpressionsGetASymbol() {
        GraphBuilder builder = new GraphBuilder("g");
        Value total = null;
        Value one = null;
        for (int i = 0; i < 600; i++) {
            TensorType type = new TensorType(DType.FLOAT32, Shape.of(List.of(Dim.symbol("dimension" + i))));
            Value x = builder.input("x" + i, type);
            one = one == null ? x : one;
            Op concat = Graphs.OPERATORS
                    .find("", "Concat")
                    .orElseThrow()
                    .create(Attributes.none().with("axis", 0L));
            total = total == null ? x : builder.add(concat, total, x);
        }
        assertThat(total.type().toString()).hasSizeLessThan(2000);
        GraphVerifier.verify(builder.output(total).build());
        assertThat(builder.add(op("Neg"), total).type()).isEqualTo(total.type());
    }
}
