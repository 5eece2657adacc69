package dev.tenon.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class ShapeKeyTest {
    @Provide
    static Arbitrary<Datum[]> inputs() {
        Arbitrary<long[]> dims =
                Arbitraries.longs().between(0, 3).array(long[].class).ofMaxSize(3);
        Arbitrary<Datum> tensors = Combinators.combine(Arbitraries.of(DType.FLOAT32, DType.INT64, DType.STRING), dims)
                .as(Tensor::allocate);
        Arbitrary<Datum> others = Arbitraries.of(TensorSequence.of(Tensor.scalar(1L)));
        return Arbitraries.frequencyOf(net.jqwik.api.Tuple.of(5, tensors), net.jqwik.api.Tuple.of(1, others))
                .array(Datum[].class)
                .ofSize(2);
    }

    private static boolean same(Datum a, Datum b) {
        return a instanceof Tensor x && b instanceof Tensor y
                ? x.dtype() == y.dtype() && x.shapeIs(y.dims())
                : a instanceof Tensor == b instanceof Tensor;
    }

    @Property(tries = 2000)
    void keysAreEqualIfTypesAndDimensionsAre(@ForAll("inputs") Datum[] a, @ForAll("inputs") Datum[] b) {
        boolean expected = same(a[0], b[0]) && same(a[1], b[1]);
        assertThat(ShapeKey.of(a).equals(ShapeKey.of(b))).isEqualTo(expected);
        assertThat(ShapeKey.of(a).matches(b)).isEqualTo(expected);
        if (expected) {
            assertThat(ShapeKey.of(b)).hasSameHashCodeAs(ShapeKey.of(a));
        }
    }

    @Property
    void hashOfInputsIsHashOfTheirKey(@ForAll("inputs") Datum[] inputs) {
        assertThat(ShapeKey.hash(inputs)).isEqualTo(ShapeKey.of(inputs).hashCode());
        assertThat(ShapeKey.of(inputs).matches(inputs)).isTrue();
    }

    @Test
    void typesHaveTheInputsDimensions() {
        Datum[] inputs = {Tensor.allocate(DType.FLOAT32, 2, 3), TensorSequence.of(Tensor.scalar(1L))};
        ShapeKey key = ShapeKey.of(inputs);
        ValueType declared = ValueType.parse("seq(i64[*])");
        assertThat(key.type(0, ValueType.parse("f32[a,b]"))).isEqualTo(new TensorType(DType.FLOAT32, Shape.of(2, 3)));
        assertThat(key.type(1, declared)).isEqualTo(declared);
        assertThat(key).hasToString("[2, 3], -");
    }
}
