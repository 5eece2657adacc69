package dev.tenon.graph.rules.quant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Graphs;
import dev.tenon.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A bias of two channels whose units are 0.125 and 1. */
class BiasTest {
    private static Tensor of(String inputs, String bias, double scale) {
        return of(inputs, bias, scale, "{1, -2, 3, 100, 7, -128}");
    }

    private static Tensor of(String inputs, String bias, double scale, String weights) {
        Graph graph = Graphs.parse("graph g(%x: u8[n,3]" + inputs + ") {\n"
                + """
                %s = const f32[] {0.5}
                %w = const i8[2,3] WEIGHTS
                %ws = const f32[2] {0.25, 2}
                %wz = const i8[2] {1, -2}
                %one = const f32[] {0.125}
                %r = const f32[2] {0.125, 1}
                %same = const f32[2] {0.125, 1.000004}
                %other = const f32[2] {0.25, 1.5}
                %zero = const i32[2] {0, 0}
                %shift = const i32[2] {0, 1}
                %i = const i32[2] {50, -1000000}
                %bytes = const i8[2] {5, -7}
                %dx = DequantizeLinear(%x, %s)
                %dw = DequantizeLinear<axis=0>(%w, %ws, %wz)
                """.replace("WEIGHTS", weights)
                + "%b = " + bias + "\nreturn %dx, %dw, %b\n}");
        return Bias.of(
                graph.outputs().get(2),
                Dequantized.of(graph.outputs().get(0)),
                Dequantized.weights(graph.outputs().get(1), 0),
                0,
                scale);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            const f32[2] {6.25, -7.6}                     | {50, -8}
            DequantizeLinear<axis=0>(%i, %r)              | {50, -1000000}
            DequantizeLinear<axis=0>(%i, %r, %zero)       | {50, -1000000}
            DequantizeLinear<axis=0>(%i, %same)           | {50, -1000000}
            DequantizeLinear<axis=0>(%i, %other)          | {100, -1500000}
            DequantizeLinear<axis=0>(%i, %one)            | {50, -125000}
            """)
    void isInUnitsOfBothScales(String bias, String expected) {
        assertThat(of("", bias, 1)).hasToString("i32[2] " + expected);
    }

    @Test
    void roundingMayChangeHalfAStepOfTheResult() {
        assertThat(of("", "const f32[2] {6.25, -7.6}", 0.9)).hasToString("i32[2] {50, -8}");
        assertThat(of("", "const f32[2] {6.25, -7.6}", 0.7)).isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            given floats          | , %f: f32[2]            | Neg(%f)
            an input              | , %f: f32[2], %g: f32[2] | Add(%f, %g)
            given integers        | , %k: i32[2]            | DequantizeLinear<axis=0>(%k, %r)
            a given scale         | , %t: f32[2]            | DequantizeLinear<axis=0>(%i, %t)
            a given zero point    | , %t: i32[2]            | DequantizeLinear<axis=0>(%i, %r, %t)
            another zero point    |                         | DequantizeLinear<axis=0>(%i, %r, %shift)
            bytes                 |                         | DequantizeLinear<axis=0>(%bytes, %r)
            blocks                |                         | DequantizeLinear<axis=0, block_size=1>(%i, %r)
            one for all channels  |                         | const f32[1] {6.25}
            a row                 |                         | const f32[1,2] {6.25, 7}
            a number              |                         | const f32[] {6.25}
            """)
    void othersAreNone(String what, String inputs, String bias) {
        assertThat(of(inputs == null ? "" : inputs, bias, 1)).as(what).isNull();
    }

    /** The weights of a channel less its zero point bound its sums of products. */
    @Test
    void isMadeSmallerWhereSumsWouldOverflow() {
        String large = "const f32[2] {0, -2147483647}";
        // The sums of the second channel reach 255 * (102 + 9 + 126), those of the first 255 * (0 + 3 + 2).
        long most = Integer.MAX_VALUE - 255 * (102 + 9 + 126);
        assertThat(of("", large, 1)).hasToString("i32[2] {0, " + -most + "}");
        long first = Integer.MAX_VALUE - 255 * (0 + 3 + 2);
        assertThat(of("", "const f32[2] {268435455, 0}", 1)).hasToString("i32[2] {" + first + ", 0}");
        assertThat(of("", large, 1e9)).as("less than a step").hasToString("i32[2] {0, " + -most + "}");
        assertThat(of("", large, 3e6)).as("results that do not saturate").isNull();
        assertThat(of("", "const f32[2] {0, -Infinity}", 1)).hasToString("i32[2] {0, " + -most + "}");
    }

    /** Floats give the least byte for NaN, whatever the sum. */
    @Test
    void nanIsNoNumberOfIntegers() {
        assertThat(of("", "const f32[2] {0, NaN}", 1)).isNull();
    }
}
