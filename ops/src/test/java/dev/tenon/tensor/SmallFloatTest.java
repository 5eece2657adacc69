package dev.tenon.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/** Float16 and BFloat16: every code there and back, and every border between two codes. */
class SmallFloatTest {
    /** The value of a code by the definition of a binary format, for codes of finite numbers. */
    static double define(int code, int mantissaBits, int bias, int signBit) {
        int fraction = code & ((1 << mantissaBits) - 1);
        int field = (code & (signBit - 1)) >> mantissaBits;
        double significand = field == 0 ? fraction : fraction + (1 << mantissaBits);
        double magnitude = significand * Math.pow(2, Math.max(field, 1) - bias - mantissaBits);
        return (code & signBit) == 0 ? magnitude : -magnitude;
    }

    /**
     * Checks rounding around the midpoint of each pair of neighbours: the midpoint itself and the doubles next to it. Codes 0 to
     * maxCode are consecutive magnitudes.
     */
    static void checkBorders(int maxCode, IntToDoubleFunction decode, DoubleUnaryOperator round) {
        for (int code = 0; code < maxCode; code++) {
            double low = decode.applyAsDouble(code);
            double high = decode.applyAsDouble(code + 1);
            double middle = low / 2 + high / 2;
            double even = (code & 1) == 0 ? low : high;
            for (int sign = 1; sign >= -1; sign -= 2) {
                assertThat(round.applyAsDouble(sign * middle)).isEqualTo(sign * even);
                assertThat(round.applyAsDouble(sign * Math.nextDown(middle))).isEqualTo(sign * low);
                assertThat(round.applyAsDouble(sign * Math.nextUp(middle))).isEqualTo(sign * high);
            }
        }
    }

    @Test
    void everyFloat16CodeIsItsValueAndComesBack() {
        for (int code = 0; code < 65536; code++) {
            float value = Float16.toFloat((short) code);
            if ((code & 0x7C00) == 0x7C00) {
                double special = (code & 0x3FF) == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
                assertThat((double) value).isEqualTo(Double.valueOf((code & 0x8000) == 0 ? special : -special));
            } else {
                assertThat((double) value).isEqualTo(Double.valueOf(define(code, 10, 15, 0x8000)));
            }
            // A NaN may become quiet. It keeps its sign, and stays a NaN.
            int expected = Float.isNaN(value) ? code | 0x200 : code;
            assertThat(Float16.fromFloat(value) & 0xFFFF).isEqualTo(expected);
            assertThat(Float16.fromDouble(value) & 0xFFFF).isEqualTo(expected);
        }
    }

    @Test
    void everyBFloat16CodeIsItsValueAndComesBack() {
        for (int code = 0; code < 65536; code++) {
            float value = BFloat16.toFloat((short) code);
            if ((code & 0x7F80) == 0x7F80) {
                double special = (code & 0x7F) == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
                assertThat((double) value).isEqualTo(Double.valueOf((code & 0x8000) == 0 ? special : -special));
            } else {
                assertThat((double) value).isEqualTo(Double.valueOf(define(code, 7, 127, 0x8000)));
            }
            int expected = Float.isNaN(value) ? code | 0x40 : code;
            assertThat(BFloat16.fromFloat(value) & 0xFFFF).isEqualTo(expected);
            assertThat(BFloat16.fromDouble(value) & 0xFFFF).isEqualTo(expected);
        }
    }

    @Test
    void bordersBetweenFloat16CodesRoundOnce() {
        checkBorders(0x7BFF, code -> Float16.toFloat((short) code), v -> Float16.toFloat(Float16.fromDouble(v)));
        assertThat(Float16.fromDouble(Math.nextDown(65520.0))).isEqualTo((short) 0x7BFF);
        assertThat(Float16.fromDouble(65520.0)).isEqualTo((short) 0x7C00);
        assertThat(Float16.fromDouble(-Double.MAX_VALUE)).isEqualTo((short) 0xFC00);
        assertThat(Float16.fromDouble(Double.MIN_VALUE)).isZero();
        assertThat(Float16.fromDouble(-Double.MIN_VALUE)).isEqualTo((short) 0x8000);
    }

    @Test
    void bordersBetweenBFloat16CodesRoundOnce() {
        checkBorders(0x7F7F, code -> BFloat16.toFloat((short) code), v -> BFloat16.toFloat(BFloat16.fromDouble(v)));
        double infinite = 0x1.FFp127;
        assertThat(BFloat16.fromDouble(Math.nextDown(infinite))).isEqualTo((short) 0x7F7F);
        assertThat(BFloat16.fromDouble(infinite)).isEqualTo((short) 0x7F80);
        assertThat(BFloat16.fromDouble(-Double.MAX_VALUE)).isEqualTo((short) 0xFF80);
        assertThat(BFloat16.fromDouble(Double.MIN_VALUE)).isZero();
    }

    @Test
    void fromFloatAgreesWithFromDouble() {
        for (long i = 0; i < 1L << 32; i += 4099) {
            float value = Float.intBitsToFloat((int) i);
            assertThat(BFloat16.fromFloat(value)).isEqualTo(BFloat16.fromDouble(value));
            assertThat(Float16.fromFloat(value)).isEqualTo(Float16.fromDouble(value));
        }
    }

    @Test
    void roundingByWayOfFloatWouldDiffer() {
        // Just above the middle of 1 and its successor: float rounds it down to the middle, and then to even.
        double f16 = 1 + 0x1p-11 + 0x1p-30;
        assertThat(Float16.toFloat(Float16.fromFloat((float) f16))).isEqualTo(1f);
        assertThat(Float16.toFloat(Float16.fromDouble(f16))).isEqualTo(1 + 0x1p-10f);
        double bf16 = 1 + 0x1p-8 + 0x1p-30;
        assertThat(BFloat16.toFloat(BFloat16.fromFloat((float) bf16))).isEqualTo(1f);
        assertThat(BFloat16.toFloat(BFloat16.fromDouble(bf16))).isEqualTo(1 + 0x1p-7f);
    }

    @Test
    void longsFoldedToOddRoundLikeThemselves() {
        long seed = 42;
        Random random = new Random(seed);
        for (int i = 0; i < 100_000; i++) {
            int low = random.nextInt(63);
            // Few bits set: ties and their neighbours are common.
            long value = (1L << 62 | (random.nextLong() & 3L << 54) | 1L << low) >> random.nextInt(12);
            long signed = random.nextBoolean() ? value : -value;
            assertThat((float) MiniFloat.toOdd(signed))
                    .as("seed %d: %d", seed, signed)
                    .isEqualTo((float) signed);
            BigInteger unsigned = new BigInteger(Long.toUnsignedString(signed));
            assertThat((float) MiniFloat.toOddUnsigned(signed))
                    .as("seed %d: %s", seed, unsigned)
                    .isEqualTo(new BigDecimal(unsigned).floatValue());
            assertThat(Elements.unsignedToDouble(signed))
                    .as("seed %d: %s", seed, unsigned)
                    .isEqualTo(unsigned.doubleValue());
        }
        assertThat(MiniFloat.toOdd(Long.MIN_VALUE)).isEqualTo(-0x1p63);
        assertThat(BFloat16.fromDouble(MiniFloat.toOdd((1L << 62) + (1L << 54) + 1)))
                .isEqualTo(BFloat16.fromDouble(0x1p62 + 0x1p55));
    }
}
