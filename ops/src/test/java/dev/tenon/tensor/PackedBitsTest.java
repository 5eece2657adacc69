package dev.tenon.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidTensorException;
import java.lang.foreign.MemorySegment;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class PackedBitsTest {
    @Test
    void theFirstElementIsInTheLowestBits() {
        assertThat(PackedBits.pack(new byte[] {1, 2, 3}, 4)).containsExactly(0x21, 0x03);
        assertThat(PackedBits.pack(new byte[] {1, 2, 3, 0, -1}, 2)).containsExactly(0b00_11_10_01, 0b11);
        assertThat(PackedBits.unpack(new byte[] {(byte) 0xF8}, 2, 4, true)).containsExactly(-8, -1);
        assertThat(PackedBits.unpack(new byte[] {(byte) 0xF8}, 2, 4, false)).containsExactly(8, 15);
        assertThat(PackedBits.unpack(new byte[] {(byte) 0b11_10_01_00}, 4, 2, true))
                .containsExactly(0, 1, -2, -1);
    }

    @Property
    void packingAndUnpackingAreInverse(@ForAll @Size(max = 21) byte[] values, @ForAll boolean two) {
        int bits = two ? 2 : 4;
        byte[] packed = PackedBits.pack(values, bits);
        assertThat(packed).hasSize((values.length * bits + 7) / 8);
        byte[] signed = PackedBits.unpack(packed, values.length, bits, true);
        byte[] unsigned = PackedBits.unpack(packed, values.length, bits, false);
        for (int i = 0; i < values.length; i++) {
            assertThat((int) unsigned[i]).isEqualTo(values[i] & ((1 << bits) - 1));
            assertThat((int) signed[i]).isEqualTo(values[i] << (32 - bits) >> (32 - bits));
        }
    }

    @Property
    void writingOneElementLeavesTheOthers(
            @ForAll @Size(value = 8) byte[] packed, @ForAll byte value, @ForAll boolean two) {
        int bits = two ? 2 : 4;
        int count = packed.length * 8 / bits;
        int index = Math.floorMod(value * 31, count);
        byte[] before = PackedBits.unpack(packed, count, bits, false);
        PackedBits.set(MemorySegment.ofArray(packed), index, bits, value);
        before[index] = (byte) (value & ((1 << bits) - 1));
        assertThat(PackedBits.unpack(packed, count, bits, false)).isEqualTo(before);
    }

    @Test
    void tooFewBytesAreRefused() {
        assertThatThrownBy(() -> PackedBits.unpack(new byte[1], 3, 4, true))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("packed elements: 3 of 4 bits in 1 bytes; allowed 0 to 2");
    }
}
