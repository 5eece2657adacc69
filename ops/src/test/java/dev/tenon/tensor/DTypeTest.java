package dev.tenon.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidTensorException;
import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DTypeTest {
    @ParameterizedTest
    @EnumSource(DType.class)
    void textsParse(DType type) {
        assertThat(DType.parse(type.text())).isSameAs(type);
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void sizesAreExact(DType type) {
        for (long n = 0; n < 20; n++) {
            assertThat(type.byteSize(n)).isEqualTo((n * type.bits() + 7) / 8);
        }
        assertThatThrownBy(() -> type.byteSize(-1)).isInstanceOf(InvalidTensorException.class);
        if (type.bits() > 8) {
            assertThatThrownBy(() -> type.byteSize(Long.MAX_VALUE))
                    .isInstanceOf(InvalidTensorException.class)
                    .hasMessageStartingWith(type.text() + ": 9223372036854775807 elements take more than 2^63 bytes");
        } else {
            BigInteger bits = BigInteger.valueOf(Long.MAX_VALUE).multiply(BigInteger.valueOf(type.bits()));
            BigInteger bytes = bits.add(BigInteger.valueOf(7)).shiftRight(3);
            assertThat(type.byteSize(Long.MAX_VALUE)).isEqualTo(bytes.longValueExact());
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void everyTypeIsOfOneKind(DType type) {
        int kinds = (type.isFloating() ? 1 : 0)
                + (type.isInteger() ? 1 : 0)
                + (type.isComplex() ? 1 : 0)
                + (type == DType.BOOL || type == DType.STRING ? 1 : 0);
        assertThat(kinds).isEqualTo(1);
        assertThat(type.isUnsigned()).isEqualTo(type.name().startsWith("UINT"));
        assertThat(type.isSubByte()).isEqualTo(type.bits() == 2 || type.bits() == 4);
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void integerRangesAreThoseOfTheBits(DType type) {
        if (type.isInteger()) {
            BigInteger span = BigInteger.ONE.shiftLeft(type.bits());
            BigInteger min =
                    type.isUnsigned() ? BigInteger.ZERO : span.shiftRight(1).negate();
            BigInteger max = min.add(span).subtract(BigInteger.ONE);
            assertThat(type.minInteger()).isEqualTo(min.longValue());
            assertThat(type.maxInteger()).isEqualTo(max.longValue());
        } else {
            assertThatThrownBy(type::minInteger).isInstanceOf(InvalidTensorException.class);
            assertThatThrownBy(type::maxInteger).isInstanceOf(InvalidTensorException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void epsilonIsTheSpacingAtOne(DType type) {
        if (type.isFloating()) {
            Tensor one = Tensor.convert(type, new double[] {1, 1});
            one.setBits(1, one.getBits(1) + 1);
            assertThat(one.getDouble(1) - one.getDouble(0)).isEqualTo(type.epsilon());
        } else if (type.isComplex()) {
            assertThat(type.epsilon()).isEqualTo((type == DType.COMPLEX64 ? DType.FLOAT32 : DType.FLOAT64).epsilon());
        } else {
            assertThatThrownBy(type::epsilon).isInstanceOf(InvalidTensorException.class);
        }
    }

    @Test
    void signedTypesHoldNegativeValues() {
        for (DType type : DType.values()) {
            if (type.isFloating() || type.isInteger()) {
                boolean negative = Tensor.convert(type, new double[] {-1}).getDouble(0) < 0;
                assertThat(type.isSigned()).as(type.text()).isEqualTo(negative);
            } else {
                assertThat(type.isSigned()).as(type.text()).isFalse();
            }
        }
    }

    @Test
    void unknownTextsNameTheKnownOnes() {
        assertThatThrownBy(() -> DType.parse("float"))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessageStartingWith("element type: 'float'; allowed f32, f64, f16, bf16, ");
    }
}
