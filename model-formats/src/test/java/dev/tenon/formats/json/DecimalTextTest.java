package dev.tenon.formats.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecimalTextTest {
    private static void isTheSame(String text, long seed) {
        assertThat(Double.doubleToRawLongBits(DecimalText.float64(text)))
                .as("seed %d, %s", seed, text)
                .isEqualTo(Double.doubleToRawLongBits(Double.parseDouble(text)));
    }

    @Test
    void numbersAreThoseOfTheJdk() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            double any = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(any)) {
                isTheSame(Double.toString(any), seed);
                BigDecimal middle = new BigDecimal(any).add(new BigDecimal(Math.ulp(any)).divide(BigDecimal.TWO));
                isTheSame(middle.round(new MathContext(10 + random.nextInt(20))).toString(), seed);
                isTheSame(middle.toString(), seed);
            }
            isTheSame(Double.toString(random.nextGaussian()), seed);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "1e", "0x10", "1_0", "one", "1 2"})
    void othersAreNoNumbers(String text) {
        assertThatExceptionOfType(NumberFormatException.class).isThrownBy(() -> DecimalText.float64(text));
    }
}
