package dev.tenon.formats.protobuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.MalformedModelException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WireReaderTest {
    private static WireReader reader(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        return WireReader.of(MemorySegment.ofArray(bytes), "file", "M");
    }

    @ParameterizedTest
    @CsvSource({
        "08 00, 0",
        "08 01, 1",
        "08 96 01, 150",
        "08 ff ff ff ff ff ff ff ff ff 01, -1",
        "08 80 80 80 80 80 80 80 80 80 01, -9223372036854775808",
        "08 80 00, 0",
        "08 ff ff ff ff ff ff ff ff ff 7f, -1",
    })
    void readsVarints(String hex, long expected) {
        WireReader in = reader(hex);
        assertThat(in.next()).isTrue();
        assertThat(in.field()).isEqualTo(1);
        assertThat(in.int64()).isEqualTo(expected);
        assertThat(in.next()).isFalse();
    }

    @Test
    void truncatesInt32AsProtobufDoes() {
        WireReader in = reader("08 ff ff ff ff ff 01");
        in.next();
        assertThat(in.int32()).isEqualTo(-1);
    }

    @Test
    void readsFixedNumbersOfFile() {
        WireReader in = reader("15 00 00 80 3f 19 00 00 00 00 00 00 00 c0");
        in.next();
        assertThat(in.float32()).isEqualTo(1f);
        in.next();
        assertThat(in.float64()).isEqualTo(-2.0);
    }

    @Test
    void viewsBytesAndMessages() {
        WireReader in = reader("0a 02 08 05 12 01 41");
        in.next();
        WireReader child = in.message("Child");
        assertThat(in.next()).isTrue();
        assertThat(in.offset()).isEqualTo(4);
        assertThat(in.string(1)).isEqualTo("A");
        assertThat(child.next()).isTrue();
        assertThat(child.int64()).isEqualTo(5);
        assertThat(child.next()).isFalse();
    }

    @Test
    void skipsUnknownFields() {
        WireReader in = reader("0b 13 18 01 14 22 01 00 0c 28 07 31 0000000000000000 3d 00000000 40 01");
        for (int expected : new int[] {1, 5, 6, 7}) {
            assertThat(in.next()).isTrue();
            assertThat(in.field()).isEqualTo(expected);
            in.skip();
        }
        in.next();
        assertThat(in.int64()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "08",
                "08 80",
                "08 80 80 80 80 80 80 80 80 80 80 01",
                "00 01",
                "0e 01",
                "0f 01",
                "0c",
                "f8 ff ff ff ff 01 01",
                "0d 00 00",
                "09 00",
                "0a 05 00",
                "0a ff ff ff ff ff ff ff ff ff 01",
                "0a ff ff ff ff 0f 00",
                "0b",
                "0b 0b 0c",
                "0b 14",
                "0b 00"
            })
    void refusesDamage(String hex) {
        assertThatThrownBy(() -> {
                    WireReader in = reader(hex);
                    while (in.next()) {
                        in.skip();
                    }
                })
                .isInstanceOf(MalformedModelException.class)
                .hasMessageMatching("(?s)file: M( field \\d+)? at byte \\d+: .*");
    }

    @Test
    void refusesAnotherWireTypeThanAskedFor() {
        WireReader in = reader("08 01");
        in.next();
        assertThatThrownBy(in::bytes)
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("M field 1 at byte 0")
                .hasMessageContaining("a varint");
    }

    @Test
    void refusesGroupsNestedWithoutEnd() {
        assertThatThrownBy(() -> {
                    WireReader in = reader("0b".repeat(1_000_000));
                    in.next();
                    in.skip();
                })
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("groups deeper than 100");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ff", "c0 80", "ed a0 80", "f4 90 80 80", "41 c3"})
    void refusesStringsThatAreNotUtf8(String hex) {
        int length = HexFormat.of().parseHex(hex.replace(" ", "")).length;
        WireReader in = reader("0a 0" + length + hex);
        in.next();
        assertThatThrownBy(() -> in.string(100))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("not UTF-8");
    }

    @Test
    void keepsTheReplacementCharacterWhereItIsMeant() {
        WireReader in = reader("0a 03 ef bf bd");
        in.next();
        assertThat(in.string(3)).isEqualTo("\uFFFD");
    }

    @Test
    void limitsStrings() {
        WireReader in = reader("0a 02 41 41");
        in.next();
        assertThatThrownBy(() -> in.string(1))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("Limits.maxStringBytes");
    }

    @Test
    void readsNativeMemoryAtAnyAlignment() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(8);
            MemorySegment.copy(MemorySegment.ofArray(new byte[] {0x15, 0, 0, (byte) 0x80, 0x3f}), 0, memory, 1, 5);
            WireReader in = WireReader.of(memory.asSlice(1, 5), "file", "M");
            in.next();
            assertThat(in.float32()).isEqualTo(1f);
        }
    }

    @Test
    void joinsPackedAndSingleNumbersInFileOrder() {
        WireReader in = reader("0a 02 01 02 08 03 0a 00 0a 02 ac 02");
        Scalars.Builder numbers = new Scalars.Builder(Scalars.Encoding.VARINT);
        while (in.next()) {
            in.scalars(numbers);
        }
        assertThat(numbers.build().toLongs()).containsExactly(1, 2, 3, 300);
    }

    @ParameterizedTest
    @CsvSource({
        "VARINT, 0a 01 80",
        "VARINT, 0a 0b 8080808080808080808001",
        "FIXED32, 0a 03 000000",
        "FIXED64, 0d 00000000"
    })
    void refusesDamagedNumbers(Scalars.Encoding encoding, String hex) {
        WireReader in = reader(hex);
        in.next();
        assertThatThrownBy(() -> in.scalars(new Scalars.Builder(encoding))).isInstanceOf(MalformedModelException.class);
    }
}
