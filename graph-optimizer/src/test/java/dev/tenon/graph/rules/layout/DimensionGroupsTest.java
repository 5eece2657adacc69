package dev.tenon.graph.rules.layout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DimensionGroupsTest {
    private static Shape shape(String dims) {
        return ((TensorType) ValueType.parse("f32[" + dims + "]")).shape();
    }

    @Test
    void groupsHaveAsManyElementsOnBothSides() {
        assertThat(DimensionGroups.of(shape("n,2,1,3,4"), shape("n,6,2,2")).groups())
                .hasToString("[Group[from=[0], to=[0]], Group[from=[1, 3], to=[1]], Group[from=[4], to=[2, 3]]]");
        assertThat(DimensionGroups.of(shape("1,1"), shape("")).groups()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            no rank before        | *     | 2
            no rank after         | 2     | *
            no elements before    | 0,2   | 0
            no elements at an end | 2,0   | 2,0
            a symbol more after   | n     | n,m
            a symbol more before  | n,m   | n
            another number        | n,4   | n,5
            """)
    void othersAreNotKnown(String what, String from, String to) {
        assertThat(DimensionGroups.of(shape(from), shape(to))).as(what).isNull();
    }
}
