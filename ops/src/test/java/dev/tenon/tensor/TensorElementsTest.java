package dev.tenon.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidTensorException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Single elements and arrays of every element type: conversions, bits, sub-byte counts. */
class TensorElementsTest {
    private static final long SEED = 20_25;

    static Stream<DType> real() {
        return Arrays.stream(DType.values()).filter(t -> t.isFloating() || t.isInteger() || t == DType.BOOL);
    }

    static Stream<DType> integers() {
        return Arrays.stream(DType.values()).filter(DType::isInteger);
    }

    private static double[] values(DType type) {
        return type == DType.BOOL || type == DType.FLOAT8E8M0
                ? new double[] {1, 1, 1, 1, 1, 1, 1}
                : type.isSigned() && type != DType.INT2
                        ? new double[] {0, 1, 2, 3, 1, -1, -2}
                        : type == DType.INT2
                                ? new double[] {0, 1, -1, -2, 1, -1, 0}
                                : new double[] {0, 1, 2, 3, 1, 2, 0};
    }

    @ParameterizedTest
    @MethodSource("real")
    void smallValuesAreExactAtAnyCountAndPlace(DType type) {
        double[] all = values(type);
        for (int count = 0; count <= all.length; count++) {
            double[] some = Arrays.copyOf(all, count);
            Tensor tensor = Tensor.convert(type, some);
            assertThat(tensor.dims()).containsExactly(count);
            assertThat(tensor.byteSize()).isEqualTo((count * type.bits() + 7) / 8);
            assertThat(tensor.toDoubleArray()).isEqualTo(some);
            assertThat(tensor.contentEquals(Tensor.convert(
                            type, Arrays.stream(some).mapToLong(d -> (long) d).toArray())))
                    .isTrue();
            for (int i = 0; i < count; i++) {
                assertThat(tensor.getFloat(i)).isEqualTo((float) some[i]);
                assertThat(tensor.getLong(i)).isEqualTo((long) some[i]);
                assertThat(tensor.getBoolean(i)).isEqualTo(some[i] != 0);
                assertThat(tensor.getReal(i)).isEqualTo(some[i]);
                assertThat(tensor.getImaginary(i)).isZero();
            }
            // Unaligned memory gives the same results.
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment odd = arena.allocate(tensor.byteSize() + 1, 16).asSlice(1);
                Tensor unaligned = Tensor.of(type, odd, count);
                for (int i = 0; i < count; i++) {
                    unaligned.setDouble(i, some[i]);
                }
                assertThat(unaligned.contentEquals(tensor)).isTrue();
                assertThat(unaligned.toDoubleArray()).isEqualTo(some);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("real")
    void scalarsHaveOneElement(DType type) {
        Tensor scalar = Tensor.convert(type, new double[] {1}, new long[0]);
        assertThat(scalar.rank()).isZero();
        assertThat(scalar.size()).isEqualTo(1);
        assertThat(scalar.shape()).isEqualTo(Shape.scalar());
        assertThat(scalar.getDouble(0)).isEqualTo(1);
        assertThat(scalar.type().text()).isEqualTo(type.text() + "[]");
    }

    @ParameterizedTest
    @MethodSource("real")
    void everyArrayConvertsEveryType(DType type) {
        double[] values = values(type);
        Tensor tensor = Tensor.convert(type, values);
        for (int i = 0; i < values.length; i++) {
            assertThat(tensor.toFloatArray()[i]).isEqualTo((float) values[i]);
            assertThat(tensor.toLongArray()[i]).isEqualTo((long) values[i]);
            assertThat(tensor.toIntArray()[i]).isEqualTo((int) values[i]);
            assertThat(tensor.toShortArray()[i]).isEqualTo((short) values[i]);
            assertThat(tensor.toByteArray()[i]).isEqualTo((byte) values[i]);
            assertThat(tensor.toBooleanArray()[i]).isEqualTo(values[i] != 0);
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void bitsAreCopiedAsTheyAre(DType type) {
        Random random = new Random(SEED);
        for (int count : new int[] {0, 1, 3, 5, 8}) {
            Tensor from = Tensor.allocate(type, count);
            Tensor to = Tensor.allocateNative(type, count);
            for (int i = 0; i < count; i++) {
                if (type == DType.STRING) {
                    byte[] bytes = new byte[random.nextInt(5)];
                    random.nextBytes(bytes);
                    from.setUtf8(i, bytes);
                } else if (type == DType.COMPLEX128) {
                    from.setComplex(i, random.nextGaussian(), random.nextGaussian());
                } else {
                    long bits = random.nextLong();
                    from.setBits(i, bits);
                    assertThat(from.getBits(i)).isEqualTo(type.bits() == 64 ? bits : bits & ((1L << type.bits()) - 1));
                }
            }
            for (int i = 0; i < count; i++) {
                from.copyElementTo(i, to, count - 1 - i);
            }
            for (int i = 0; i < count; i++) {
                to.copyElementTo(i, from, i);
            }
            assertThat(from.contentEquals(to)).isTrue();
            assertThat(from.copy().contentEquals(to)).isTrue();
            if (count > 1) {
                assertThat(to.contentEquals(Tensor.allocate(type, count))).isFalse();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("integers")
    void integersWrap(DType type) {
        Random random = new Random(SEED);
        Tensor tensor = Tensor.allocate(type, 3);
        for (int round = 0; round < 200; round++) {
            long value = random.nextLong() >> random.nextInt(64);
            int unused = 64 - type.bits();
            long expected = type.isUnsigned() ? value << unused >>> unused : value << unused >> unused;
            tensor.setLong(1, value);
            assertThat(tensor.getLong(1)).as("seed %d: %d", SEED, value).isEqualTo(expected);
            long exact = value >> 11;
            long wrapped = type.isUnsigned() ? exact << unused >>> unused : exact << unused >> unused;
            tensor.setDouble(1, (double) exact);
            assertThat(tensor.getLong(1)).as("seed %d: %d", SEED, exact).isEqualTo(wrapped);
        }
        assertThat(tensor.getLong(0)).isZero();
        assertThat(tensor.getLong(2)).isZero();
        tensor.setLong(0, type.minInteger());
        tensor.setLong(2, type.maxInteger());
        assertThat(tensor.getLong(0)).isEqualTo(type.minInteger());
        assertThat(tensor.getLong(2)).isEqualTo(type.maxInteger());
    }

    @Test
    void doublesBecomeIntegersByTruncation() {
        Tensor ints = Tensor.convert(DType.INT32, new double[] {1.9, -1.9, Double.NaN, 0x1p31, 0x1p70});
        assertThat(ints.toIntArray()).containsExactly(1, -1, 0, Integer.MIN_VALUE, -1);
        Tensor longs = Tensor.convert(DType.INT64, new double[] {-0x1p70, 0x1p70});
        assertThat(longs.toLongArray()).containsExactly(Long.MIN_VALUE, Long.MAX_VALUE);
        Tensor unsigned = Tensor.convert(DType.UINT64, new double[] {0x1p63, 0x1.8p63, 0x1p64, -1, Double.NaN, 3.7});
        assertThat(unsigned.toLongArray()).containsExactly(Long.MIN_VALUE, 3L << 62, -1, -1, 0, 3);
        assertThat(unsigned.toDoubleArray()).startsWith(0x1p63, 0x1.8p63, 0x1p64);
        assertThat(unsigned.toFloatArray()).startsWith(0x1p63f, 0x1.8p63f, 0x1p64f);
    }

    @Test
    void longsBecomeFloatsWithOneRounding() {
        long aboveTie = (1L << 62) + (1L << 54) + 1;
        for (DType type : List.of(DType.FLOAT32, DType.FLOAT64, DType.BFLOAT16)) {
            long step = Math.max(1, (long) (0x1p62 * type.epsilon()));
            long value = (1L << 62) + step / 2 + 1;
            Tensor tensor = Tensor.convert(type, new long[] {value, -value});
            assertThat(tensor.getDouble(0)).as(type.text()).isEqualTo(0x1p62 + step);
            assertThat(tensor.getDouble(1)).as(type.text()).isEqualTo(-(0x1p62 + step));
        }
        Tensor unsigned = Tensor.allocate(DType.BFLOAT16, 1);
        unsigned.setUnsigned(0, (1L << 63) + (1L << 55) + 1);
        assertThat(unsigned.getDouble(0)).isEqualTo(0x1p63 + 0x1p56);
        Tensor floats = Tensor.allocate(DType.FLOAT32, 2);
        floats.setUnsigned(0, (1L << 63) + (1L << 39) + 1);
        floats.setUnsigned(1, 5);
        assertThat(floats.toFloatArray()).containsExactly(0x1p63f + 0x1p40f, 5);
        Tensor doubles = Tensor.allocate(DType.FLOAT64, 1);
        doubles.setUnsigned(0, -1);
        assertThat(doubles.getDouble(0)).isEqualTo(0x1p64);
        assertThat(Tensor.scalar(aboveTie).getFloat(0)).isEqualTo((float) aboveTie);
    }

    @Test
    void smallFloatsSaturateOrNotAsCastDoes() {
        double[] big = {1e6, -1e6, Double.POSITIVE_INFINITY, Double.NaN};
        assertThat(Tensor.convert(DType.FLOAT8E4M3FN, big).toFloatArray()).containsExactly(448, -448, 448, Float.NaN);
        assertThat(Tensor.convert(DType.FLOAT8E4M3FNUZ, big).toFloatArray())
                .containsExactly(240, -240, Float.NaN, Float.NaN);
        assertThat(Tensor.convert(DType.FLOAT8E5M2, big).toFloatArray())
                .containsExactly(57344, -57344, 57344, Float.NaN);
        assertThat(Tensor.convert(DType.FLOAT4E2M1, big).toFloatArray()).containsExactly(6, -6, 6, 6);
        assertThat(Tensor.convert(DType.FLOAT16, big).toFloatArray())
                .containsExactly(Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, Float.NaN);
        assertThat(Tensor.convert(DType.FLOAT8E8M0, new double[] {3, -3, 0}).toFloatArray())
                .containsExactly(4, 4, 0x1p-127f);
    }

    @Test
    void booleansAreWhatDiffersFromZero() {
        Tensor raw = Tensor.of(DType.BOOL, MemorySegment.ofArray(new byte[] {0, 1, 2, -1}), 4);
        assertThat(raw.toBooleanArray()).containsExactly(false, true, true, true);
        assertThat(raw.toLongArray()).containsExactly(0, 1, 1, 1);
        assertThat(Tensor.convert(DType.BOOL, new double[] {0, -0.0, 0.1, Double.NaN})
                        .toByteArray())
                .containsExactly(0, 0, 1, 1);
        Tensor floats = Tensor.allocate(DType.FLOAT32, 2);
        floats.setBoolean(1, true);
        assertThat(floats.toFloatArray()).containsExactly(0, 1);
        assertThat(Tensor.of(new float[] {Float.NaN, -0f}).toBooleanArray()).containsExactly(true, false);
    }

    @Test
    void complexElementsHaveTwoParts() {
        for (DType type : List.of(DType.COMPLEX64, DType.COMPLEX128)) {
            Tensor tensor = Tensor.allocate(type, 2);
            tensor.setComplex(1, 1.5, -0.25);
            assertThat(tensor.getReal(1)).isEqualTo(1.5);
            assertThat(tensor.getImaginary(1)).isEqualTo(-0.25);
            assertThat(tensor.getReal(0)).isZero();
            assertThat(tensor).hasToString(type.text() + "[2] {0.0+0.0i, 1.5-0.25i}");
            assertThatThrownBy(() -> tensor.getDouble(0))
                    .isInstanceOf(InvalidTensorException.class)
                    .hasMessage("element of type " + type.text()
                            + ": is no real number; allowed real types; use getReal, getImaginary or setComplex");
            assertThatThrownBy(() -> tensor.setDouble(0, 1)).isInstanceOf(InvalidTensorException.class);
            assertThatThrownBy(tensor::toFloatArray).isInstanceOf(InvalidTensorException.class);
        }
        assertThatThrownBy(() -> Tensor.scalar(1f).setComplex(0, 1, 1)).isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> Tensor.allocate(DType.COMPLEX128, 1).getBits(0))
                .isInstanceOf(InvalidTensorException.class);
    }
}
