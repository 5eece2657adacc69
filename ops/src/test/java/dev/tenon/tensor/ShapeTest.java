package dev.tenon.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidTensorException;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShapeTest {
    @ParameterizedTest
    @ValueSource(strings = {"[]", "[*]", "[0]", "[1,12,batch,128]", "[2*a+1,max(b,c),\"x]y\",floor(h/2)]"})
    void textsRoundTrip(String text) {
        Shape shape = Shape.parse(text);
        assertThat(shape).hasToString(text).isEqualTo(Shape.parse(" " + text + " "));
        assertThat(shape).hasSameHashCodeAs(Shape.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[", "[1", "[1,]", "[,1]", "[*,1]", "1,2", "[1]x", "[-1]"})
    void otherTextIsRefused(String text) {
        assertThatThrownBy(() -> Shape.parse(text)).isInstanceOf(InvalidTensorException.class);
    }

    @Test
    void dimensionsAreCountedFromBothEnds() {
        Shape shape = Shape.of(Dim.of(2), Dim.symbol("n"), Dim.of(3));
        assertThat(shape.rank()).isEqualTo(3);
        assertThat(shape.dim(1)).isEqualTo(shape.dim(-2)).isEqualTo(Dim.symbol("n"));
        assertThat(shape.withDim(-2, Dim.of(4)).toArray()).containsExactly(2, 4, 3);
        assertThat(shape.dims()).isEqualTo(List.of(Dim.of(2), Dim.symbol("n"), Dim.of(3)));
        assertThat(Shape.of(shape.dims())).isEqualTo(shape);
        assertThatThrownBy(() -> shape.dim(3))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("shape [2,n,3]: dimension 3 does not exist; allowed [-3, 2]");
        assertThatThrownBy(() -> Shape.scalar().dim(0)).hasMessageContaining("none, the shape is a scalar's");
    }

    @Test
    void shapesAreNumbersOnlyIfAllDimensionsAre() {
        Shape shape = Shape.parse("[2,n]");
        assertThat(shape.isKnown()).isFalse();
        assertThat(shape.elements()).hasToString("2*n");
        assertThat(shape.substitute(Map.of("n", Dim.of(7))).knownElements()).isEqualTo(14);
        assertThat(shape.substitute(Map.of("m", Dim.of(7)))).isSameAs(shape);
        assertThatThrownBy(shape::toArray)
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("shape [2,n]: dimension 1 is symbolic where numbers are needed; bind n");
        assertThatThrownBy(shape::knownElements).isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> Shape.parse("[n-3]").substitute(Map.of("n", Dim.of(1))))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("shape [-2]: dimension -2 is negative; allowed 0 and above");
    }

    @Test
    void unknownRankHasNoDimensions() {
        Shape shape = Shape.unknownRank();
        assertThat(shape.hasRank()).isFalse();
        assertThat(shape.isKnown()).isFalse();
        assertThat(shape.substitute(Map.of("n", Dim.of(7)))).isEqualTo(shape);
        assertThatThrownBy(shape::rank)
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("shape [*]: has unknown rank where the rank is needed; give the value a shape");
        assertThatThrownBy(shape::elements).isInstanceOf(InvalidTensorException.class);
        assertThat(Shape.scalar().rank()).isZero();
        assertThat(Shape.scalar().knownElements()).isEqualTo(1);
        assertThat(Shape.of(new long[0])).isEqualTo(Shape.scalar()).isNotEqualTo(shape);
    }

    @Test
    void elementCountsAreExactOrRefused() {
        assertThat(Shape.of(1L << 40, 1L << 40, 0).knownElements()).isZero();
        assertThat(Shape.of(1L << 40, 1L << 40, 0).elements()).isEqualTo(Dim.of(0));
        assertThat(Shape.of(Long.MAX_VALUE, 1).knownElements()).isEqualTo(Long.MAX_VALUE);
        assertThatThrownBy(() -> Shape.of(1L << 32, 1L << 31).knownElements())
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("shape [4294967296,2147483648]: the number of elements overflows;"
                        + " allowed products below 2^63");
        assertThatThrownBy(() -> Shape.of(1L << 32, 1L << 31).elements()).isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> Shape.of(2, -1)).isInstanceOf(InvalidTensorException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[] | [2,3] | [2,3]",
                "[3] | [2,1] | [2,3]",
                "[n] | [1] | [n]",
                "[n] | [5] | [5]",
                "[n,1] | [m] | [n,m]",
                "[n] | [n] | [n]",
                "[n] | [m] | [broadcast(m,n)]",
                "[0] | [1] | [0]",
                "[*] | [2] | [*]",
            })
    void shapesBroadcastBothWays(String a, String b, String result) {
        assertThat(Shape.broadcast(Shape.parse(a), Shape.parse(b))).hasToString(result);
        assertThat(Shape.broadcast(Shape.parse(b), Shape.parse(a))).hasToString(result);
    }

    @Test
    void shapesThatDoNotBroadcastAreNamed() {
        assertThatThrownBy(() -> Shape.broadcast(Shape.parse("[2,3]"), Shape.parse("[n,2,4]")))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("broadcast: shapes [2,3] and [n,2,4] differ in dimension -1, 3 and 4;"
                        + " allowed equal dimensions, or one of them 1");
        assertThatThrownBy(() -> Shape.broadcast(Shape.of(0), Shape.of(2))).isInstanceOf(InvalidTensorException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[2,n] | [2,7] | true",
                "[2,n] | [3,7] | false",
                "[2] | [2,1] | false",
                "[*] | [2,1] | true",
                "[n] | [n+1] | false",
                "[n] | [2*n] | true",
                "[n+4] | [3] | false",
                "[n+4] | [4] | true",
            })
    void compatibleShapesMayBeEqual(String a, String b, boolean compatible) {
        assertThat(Shape.parse(a).compatibleWith(Shape.parse(b))).isEqualTo(compatible);
        assertThat(Shape.parse(b).compatibleWith(Shape.parse(a))).isEqualTo(compatible);
    }

    @Provide
    Arbitrary<List<Long>> dims() {
        return Arbitraries.of(0L, 1L, 1L, 2L, 3L).list().ofMaxSize(4);
    }

    private static Long oneOf(long p, long q) {
        return p == q || q == 1 ? Long.valueOf(p) : p == 1 ? Long.valueOf(q) : null;
    }

    @Property
    void knownShapesBroadcastDimensionByDimension(@ForAll("dims") List<Long> a, @ForAll("dims") List<Long> b) {
        Shape x = Shape.of(a.stream().mapToLong(Long::longValue).toArray());
        Shape y = Shape.of(b.stream().mapToLong(Long::longValue).toArray());
        long[] expected = new long[Math.max(a.size(), b.size())];
        boolean possible = true;
        for (int i = 1; i <= expected.length; i++) {
            long p = i <= a.size() ? a.get(a.size() - i) : 1;
            long q = i <= b.size() ? b.get(b.size() - i) : 1;
            Long both = oneOf(p, q);
            possible &= both != null;
            expected[expected.length - i] = both == null ? -1 : both;
        }
        if (possible) {
            assertThat(Shape.broadcast(x, y).toArray()).isEqualTo(expected);
        } else {
            assertThatThrownBy(() -> Shape.broadcast(x, y)).isInstanceOf(InvalidTensorException.class);
        }
    }
}
