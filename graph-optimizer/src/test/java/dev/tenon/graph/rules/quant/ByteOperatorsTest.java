package dev.tenon.graph.rules.quant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graphs;
import dev.tenon.graph.Node;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteOperatorsTest {
    /** An average of bytes is asked for its own windows. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            dilations=[1, 1] |
            dilations=[1, 2] | its windows are dilated
            ceil_mode=1      |
            """)
    void anAverageOfBytesHasItsOwnWindows(String attributes, String reason) {
        Node node = Graphs.parse("""
                        graph g(%x: u8[n,2,6,6]) {
                          %s = const f32[] {0.5}
                          %z = const u8[] {3}
                          %y = com.microsoft.QLinearAveragePool<kernel_shape=[2, 2], MORE>(%x, %s, %z, %s, %z)
                          return %y
                        }
                        """.replace("MORE", attributes)).nodes().getFirst();
        assertThat(ByteOperators.reasonAgainstAverage(node, node.input(0))).isEqualTo(reason);
    }
}
