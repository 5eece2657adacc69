package dev.tenon.graph.rules.quant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graphs;
import dev.tenon.graph.Value;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DequantizedTest {
    private static final String CONSTANTS = """
        %w = const i8[2,3] {1, -2, 3, 4, 5, -6}
        %v = const i4[2,3] {1, -2, 3, 4, 5, -6}
        %g = const f8e4m3fn[2,3] {1, -2, 3, 4, 5, -6}
        %s = const f32[1] {0.5}
        %r = const f32[3] {0.5, 0.25, 2}
        %q = const f32[2,3] {1, 2, 3, 4, 5, 6}
        %h = const f16[] {0.5}
        %z = const i8[1] {7}
        %a = const i8[3] {7, 0, -1}
        %b = const i4[3] {7, 0, -1}
        """;

    /** The value of a node whose operands are constants or %x, %t and %u. */
    static Value value(String inputs, String node) {
        return Graphs.parse("graph g(" + inputs + ") {\n" + CONSTANTS + "%y = " + node + "\nreturn %y\n}")
                .outputs()
                .getFirst();
    }

    @Test
    void bytesHaveOneScaleAndOneZeroPoint() {
        Dequantized x = Dequantized.of(value("%x: u8[n,3]", "DequantizeLinear(%x, %s)"));
        assertThat(x.bytes().name()).isEqualTo("x");
        assertThat(x.weights()).isNull();
        assertThat(x.scale(1)).isEqualTo(0.5);
        assertThat(x.scale().rank()).isZero();
        assertThat(x.zero().toString()).isEqualTo("u8[] {0}");
        Dequantized w = Dequantized.of(value("", "DequantizeLinear(%w, %s, %z)"));
        assertThat(w.zero(2)).isEqualTo(7);
        assertThat(w.weights().getLong(5)).isEqualTo(-6);
    }

    @Test
    void weightsMayHaveAScaleForEachChannel() {
        Dequantized w = Dequantized.weights(value("", "DequantizeLinear(%w, %r, %a)"), 1);
        assertThat(w.scale(0)).isEqualTo(0.5);
        assertThat(w.scale(2)).isEqualTo(2);
        assertThat(w.zero(0)).isEqualTo(7);
        assertThat(w.zero(2)).isEqualTo(-1);
        assertThat(Dequantized.weights(value("", "DequantizeLinear(%w, %r)"), 1).zero())
                .hasToString("i8[3] {0, 0, 0}");
    }

    @Test
    void fewerBitsAreWidened() {
        Dequantized v = Dequantized.weights(value("", "DequantizeLinear(%v, %r, %b)"), 1);
        assertThat(v.weights()).hasToString("i8[2,3] {1, -2, 3, 4, 5, -6}");
        assertThat(v.zero()).hasToString("i8[3] {7, 0, -1}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            an input               | %x: f32[n]          | Neg(%x)
            integers of four bits  | %x: i4[n]           | DequantizeLinear(%x, %s)
            four constant bits     | %x: i4[n]           | DequantizeLinear(%v, %s)
            integers of 16 bits    | %x: i16[n]          | DequantizeLinear(%x, %s)
            floats of 8 bits       | %x: f8e4m3fn[n]     | DequantizeLinear(%x, %s)
            a scale that is given  | %x: u8[n], %t: f32[] | DequantizeLinear(%x, %t)
            a zero that is given   | %x: i8[n], %t: i8[1] | DequantizeLinear(%x, %s, %t)
            a scale of 16 bits     | %x: u8[n]           | DequantizeLinear<output_dtype=1>(%x, %h)
            a result of 16 bits    | %x: u8[n]           | DequantizeLinear<output_dtype=10>(%x, %s)
            blocks                 | %x: u8[1]           | DequantizeLinear<block_size=1>(%x, %s)
            several scales         | %x: u8[2,3]         | DequantizeLinear(%x, %r)
            scales of the last axis | %x: u8[2,3]        | DequantizeLinear<axis=-1>(%x, %r)
            """)
    void othersAreNone(String what, String inputs, String node) {
        assertThat(Dequantized.of(value(inputs, node))).as(what).isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            weights that are given | %x: i8[2,3] | DequantizeLinear(%x, %s)
            four bits given        | %x: i4[2,3] | DequantizeLinear(%x, %s)
            another axis           | %x: i8[3,2] | DequantizeLinear<axis=-1>(%w, %r)
            a scale for each       | %x: i8[3,2] | DequantizeLinear(%w, %q)
            floats of 8 bits       | %x: i8[3,2] | DequantizeLinear(%g, %s)
            """)
    void othersAreNoWeights(String what, String inputs, String node) {
        assertThat(Dequantized.weights(value(inputs, node), 1)).as(what).isNull();
    }
}
