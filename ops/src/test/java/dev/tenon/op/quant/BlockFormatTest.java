package dev.tenon.op.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Numbers of blocks against those that llama.cpp makes of the same bytes. */
class BlockFormatTest {
    private static final ValueLayout.OfInt BITS = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /**
     * Lines of a format, random bytes of blocks, and the bits of float32 that {@code dequantize_row_*} of llama.cpp's library
     * makes of them. The second block of each format has scales below the normal float16 numbers.
     */
    private static List<String> peer() throws IOException {
        try (BufferedReader r = new BufferedReader(new InputStreamReader(
                BlockFormatTest.class.getResourceAsStream("blocks-of-llama-cpp.txt"), StandardCharsets.US_ASCII))) {
            return r.lines().toList();
        }
    }

    @Test
    void numbersHaveTheBitsOfThePeer() throws IOException {
        List<String> lines = peer();
        assertThat(lines).hasSize(BlockFormat.values().length);
        for (String line : lines) {
            String[] parts = line.split(" ");
            BlockFormat format = BlockFormat.valueOf(parts[0]);
            MemorySegment blocks = MemorySegment.ofArray(HexFormat.of().parseHex(parts[1]));
            MemorySegment expected = MemorySegment.ofArray(HexFormat.of().parseHex(parts[2]));
            float[] numbers = new float[(int) format.elements(blocks.byteSize())];
            assertThat(expected.byteSize()).isEqualTo((long) numbers.length * Float.BYTES);
            format.dequantize(blocks, 0, numbers, numbers.length);
            for (int i = 0; i < numbers.length; i++) {
                assertThat(Float.floatToRawIntBits(numbers[i]))
                        .as("%s, element %d", format, i)
                        .isEqualTo(expected.get(BITS, (long) i * Float.BYTES));
            }
        }
    }

    @Test
    void sizes() {
        for (BlockFormat format : BlockFormat.values()) {
            assertThat(format.elements(format.rowBytes(512))).isEqualTo(512);
            assertThat(format.blockSize() % format.groupSize()).isZero();
        }
        assertThat(BlockFormat.Q4_K.rowBytes(512)).isEqualTo(288);
    }

    @Test
    void anUnknownFormatIsNamedWithThoseThatExist() {
        Attributes a = Attributes.none().with("format", "Q2_K");
        assertThatThrownBy(() -> DequantizeBlocks.of(a))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("Q2_K")
                .hasMessageContaining("Q4_0");
        assertThatThrownBy(() ->
                        BlockMatMul.of(Attributes.none().with("format", "Q4_0").with("activations", "Q4")))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("activations 'Q4'")
                .hasMessageContaining("F32");
    }
}
