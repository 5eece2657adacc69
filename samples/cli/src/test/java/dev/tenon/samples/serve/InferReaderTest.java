package dev.tenon.samples.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class InferReaderTest {
    private static Tensor read(String datatype, String data, int count) {
        byte[] body = ("{\"inputs\":[{\"name\":\"x\",\"shape\":[" + count + "],\"datatype\":\"" + datatype
                        + "\",\"data\":" + data + "}]}")
                .getBytes(StandardCharsets.UTF_8);
        return InferReader.read(body, body.length).inputs().get("x");
    }

    @Test
    void wholeNumbersKeepAllBits() {
        assertThat(read("INT64", "[9223372036854775807, -9223372036854775808, 9007199254740993]", 3)
                        .toLongArray())
                .containsExactly(Long.MAX_VALUE, Long.MIN_VALUE, 9007199254740993L);
        assertThat(read("UINT64", "[18446744073709551615, 0]", 2).getBits(0)).isEqualTo(-1);
        assertThat(read("UINT8", "[0, 255]", 2).getLong(1)).isEqualTo(255);
        assertThat(read("INT8", "[-128, 127]", 2).getLong(0)).isEqualTo(-128);
        assertThat(read("BOOL", "[true, false, 1, 0]", 4).getBoolean(2)).isTrue();
        assertThat(read("FP64", "[18446744073709551615, 0.1]", 2).toDoubleArray())
                .containsExactly(1.8446744073709552E19, 0.1);
        assertThat(read("FP16", "[0.5]", 1).dtype()).isEqualTo(DType.FLOAT16);
        assertThat(read("FP32", "[[[1e3]], [[2]]]", 2).toFloatArray()).containsExactly(1000, 2);
    }

    @Test
    void numbersThatTheTypeDoesNotHaveAreRefused() {
        String[][] cases = {
            {"INT64", "9223372036854775808"},
            {"INT64", "1.5"},
            {"UINT64", "-1"},
            {"UINT64", "18446744073709551616"},
            {"UINT8", "256"},
            {"UINT32", "-1"},
            {"INT8", "128"},
            {"INT16", "-32769"},
            {"BOOL", "2"},
            {"INT32", "\"1\""}
        };
        for (String[] c : cases) {
            assertThatThrownBy(() -> read(c[0], "[" + c[1] + "]", 1))
                    .as(c[0] + " " + c[1])
                    .isInstanceOf(RequestException.class)
                    .hasMessageContaining("input 'x'");
        }
    }

    @Test
    void emptyTensorsAndOddNamesAreTaken() {
        assertThat(read("FP32", "[]", 0).size()).isZero();
        assertThat(read("BYTES", "[\"\", \"\\u0000\"]", 2).getUtf8(1)).containsExactly(0);
    }
}
