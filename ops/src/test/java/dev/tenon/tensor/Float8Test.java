package dev.tenon.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidTensorException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The 8-bit and 4-bit formats: every code, every border, the table of ONNX's Cast. */
class Float8Test {
    /** A format by its definition. */
    record Format(DType type, int mantissaBits, int bias, int maxCode, double max) {
        boolean unsignedZero() {
            return type == DType.FLOAT8E4M3FNUZ || type == DType.FLOAT8E5M2FNUZ;
        }
    }

    static List<Format> formats() {
        return List.of(
                new Format(DType.FLOAT8E4M3FN, 3, 7, 0x7E, 448),
                new Format(DType.FLOAT8E4M3FNUZ, 3, 8, 0x7F, 240),
                new Format(DType.FLOAT8E5M2, 2, 15, 0x7B, 57344),
                new Format(DType.FLOAT8E5M2FNUZ, 2, 16, 0x7F, 57344));
    }

    private static double decode(Format format, int code) {
        return Float8.toFloat(format.type(), (byte) code);
    }

    private static double roundTrip(Format format, double value, boolean saturate) {
        return Float8.toFloat(format.type(), Float8.fromDouble(format.type(), value, saturate));
    }

    @ParameterizedTest
    @MethodSource("formats")
    void everyCodeIsItsValueAndComesBack(Format format) {
        for (int code = 0; code < 256; code++) {
            double value = decode(format, code);
            if (format.unsignedZero() && code == 0x80) {
                assertThat(value).isNaN();
            } else if ((code & 0x7F) <= format.maxCode()) {
                assertThat(value).isEqualTo(SmallFloatTest.define(code, format.mantissaBits(), format.bias(), 0x80));
                assertThat(Float8.fromDouble(format.type(), value, true)).isEqualTo((byte) code);
                assertThat(Float8.fromDouble(format.type(), value, false)).isEqualTo((byte) code);
            } else if (format.type() == DType.FLOAT8E5M2 && (code & 0x7F) == 0x7C) {
                assertThat(value).isEqualTo(code < 128 ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY);
                assertThat(Float8.fromDouble(format.type(), value, false)).isEqualTo((byte) code);
            } else {
                assertThat(value).isNaN();
            }
        }
        assertThat(decode(format, format.maxCode())).isEqualTo(format.max());
        assertThat(roundTrip(format, Double.NaN, true)).isNaN();
        assertThat(roundTrip(format, Double.NaN, false)).isNaN();
    }

    @ParameterizedTest
    @MethodSource("formats")
    void bordersRoundOnceToEven(Format format) {
        SmallFloatTest.checkBorders(format.maxCode(), c -> decode(format, c), v -> roundTrip(format, v, false));
    }

    @ParameterizedTest
    @MethodSource("formats")
    void whatIsBeyondTheRangeFollowsTheTableOfCast(Format format) {
        double step = format.max() - decode(format, format.maxCode() - 1);
        // No code exists above the maximum, but values round as if there were one: a tie goes to the even code.
        double tie = format.max() + step / 2;
        double border = (format.maxCode() & 1) == 0 ? tie : Math.nextDown(tie);
        assertThat(roundTrip(format, border, false)).isEqualTo(format.max());
        double beyond = Math.nextUp(border);
        double lost = format.type() == DType.FLOAT8E5M2 ? Double.POSITIVE_INFINITY : Double.NaN;
        for (double value : new double[] {beyond, Double.MAX_VALUE}) {
            assertThat(roundTrip(format, value, false)).isEqualTo(Double.valueOf(lost));
            assertThat(roundTrip(format, -value, false)).isEqualTo(Double.valueOf(-lost));
            assertThat(roundTrip(format, value, true)).isEqualTo(format.max());
            assertThat(roundTrip(format, -value, true)).isEqualTo(-format.max());
        }
        double saturated = format.unsignedZero() ? Double.NaN : format.max();
        assertThat(roundTrip(format, Double.POSITIVE_INFINITY, true)).isEqualTo(Double.valueOf(saturated));
        assertThat(roundTrip(format, Double.NEGATIVE_INFINITY, true)).isEqualTo(Double.valueOf(-saturated));
        assertThat(roundTrip(format, Double.POSITIVE_INFINITY, false)).isEqualTo(Double.valueOf(lost));
    }

    @ParameterizedTest
    @MethodSource("formats")
    void minusZeroExistsOnlyWhereTheFormatHasIt(Format format) {
        byte expected = (byte) (format.unsignedZero() ? 0 : 0x80);
        assertThat(Float8.fromDouble(format.type(), -0.0, true)).isEqualTo(expected);
        assertThat(Float8.fromDouble(format.type(), -Double.MIN_VALUE, true)).isEqualTo(expected);
        assertThat(Float8.fromDouble(format.type(), 0.0, true)).isZero();
    }

    @Test
    void everyE8M0CodeIsAPowerOfTwo() {
        for (int code = 0; code < 255; code++) {
            float value = Float8.toFloat(DType.FLOAT8E8M0, (byte) code);
            assertThat((double) value).isEqualTo(Math.pow(2, code - 127));
            for (Float8.Rounding rounding : Float8.Rounding.values()) {
                assertThat(Float8.toE8M0(value, true, rounding)).isEqualTo((byte) code);
                assertThat(Float8.toE8M0(-value, true, rounding)).isEqualTo((byte) code);
            }
        }
        assertThat(Float8.toFloat(DType.FLOAT8E8M0, (byte) 255)).isNaN();
    }

    @Test
    void e8m0RoundsAsAsked() {
        for (int code = 0; code < 254; code++) {
            double low = Math.pow(2, code - 127);
            byte up = (byte) (code + 1);
            byte down = (byte) code;
            double middle = 1.5 * low;
            assertThat(Float8.toE8M0(Math.nextUp(low), true, Float8.Rounding.UP))
                    .isEqualTo(up);
            assertThat(Float8.toE8M0(Math.nextDown(2 * low), true, Float8.Rounding.DOWN))
                    .isEqualTo(down);
            assertThat(Float8.toE8M0(middle, true, Float8.Rounding.NEAREST)).isEqualTo(up);
            assertThat(Float8.toE8M0(Math.nextDown(middle), true, Float8.Rounding.NEAREST))
                    .isEqualTo(down);
        }
        assertThat(Float8.fromDouble(DType.FLOAT8E8M0, 1.125, true)).isEqualTo((byte) 128);
        assertThat(Float8.fromDouble(DType.FLOAT8E8M0, 0, true)).isZero();
        assertThat(Float8.fromDouble(DType.FLOAT8E8M0, 0x1p128, true)).isEqualTo((byte) 254);
        assertThat(Float8.fromDouble(DType.FLOAT8E8M0, 0x1p128, false)).isEqualTo((byte) 255);
        assertThat(Float8.fromDouble(DType.FLOAT8E8M0, Double.POSITIVE_INFINITY, true))
                .isEqualTo((byte) 255);
        assertThat(Float8.fromDouble(DType.FLOAT8E8M0, Double.NaN, true)).isEqualTo((byte) 255);
    }

    @Test
    void everyFloat4CodeIsItsValueAndComesBack() {
        for (int code = 0; code < 16; code++) {
            float value = Float4E2M1.toFloat(code);
            assertThat((double) value).isEqualTo(SmallFloatTest.define(code, 1, 1, 8));
            assertThat(Float4E2M1.fromDouble(value)).isEqualTo(code);
        }
        SmallFloatTest.checkBorders(7, Float4E2M1::toFloat, v -> Float4E2M1.toFloat(Float4E2M1.fromDouble(v)));
        assertThat(Float4E2M1.fromDouble(6.9)).isEqualTo(7);
        assertThat(Float4E2M1.fromDouble(-1e300)).isEqualTo(15);
        assertThat(Float4E2M1.fromDouble(Double.POSITIVE_INFINITY)).isEqualTo(7);
        assertThat(Float4E2M1.fromDouble(Double.NaN)).isEqualTo(7);
        assertThat(Float4E2M1.fromDouble(-0.0)).isEqualTo(8);
    }

    @Test
    void otherTypesAreRefused() {
        assertThatThrownBy(() -> Float8.toFloat(DType.INT8, (byte) 0))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessageContaining("type i8; allowed f8e4m3fn");
        assertThatThrownBy(() -> Float8.fromDouble(DType.FLOAT16, 0, true)).isInstanceOf(InvalidTensorException.class);
    }
}
