package dev.tenon.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidTensorException;
import dev.tenon.error.ResourceLimitException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValueTypeTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "f32[1,batch]",
                "string[]",
                "f8e4m3fnuz[*]",
                "seq(f32[*])",
                "optional(seq(i64[n]))",
                "seq(map(i64, f32[]))",
                "map(string, seq(u8[2]))"
            })
    void textsRoundTrip(String text) {
        ValueType type = ValueType.parse(text);
        assertThat(type.text()).isEqualTo(text);
        assertThat(type).hasToString(text).isEqualTo(ValueType.parse(text)).hasSameHashCodeAs(ValueType.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "f32",
                "f33[]",
                "[2]",
                "seq",
                "seq()",
                "seq(f32[]",
                "map(f32, i64[])",
                "map(bool, i64[])",
                "map(i64)",
                "f32[2]]",
                "optional[f32[]]"
            })
    void otherTextIsRefused(String text) {
        assertThatThrownBy(() -> ValueType.parse(text)).isInstanceOf(InvalidTensorException.class);
    }

    @Test
    void nestingIsBounded() {
        assertThatThrownBy(() -> ValueType.parse("seq(".repeat(100_000))).isInstanceOf(ResourceLimitException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "f32[n] | f32[3] | true",
                "f32[2] | f32[3] | false",
                "f32[2] | f64[2] | false",
                "seq(f32[*]) | seq(f32[3]) | true",
                "seq(f32[*]) | f32[3] | false",
                "optional(f32[2]) | optional(f32[3]) | false",
                "optional(f32[2]) | optional(f32[n]) | true",
                "map(i64, f32[]) | map(i64, f32[]) | true",
                "map(i64, f32[]) | map(i32, f32[]) | false",
            })
    void typesAcceptWhatFits(String wanted, String found, boolean fits) {
        assertThat(ValueType.parse(wanted).accepts(ValueType.parse(found))).isEqualTo(fits);
    }
}
