package dev.tenon.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidTensorException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tensors of float32 that are made of 16-bit numbers when they are read. */
class WidenedTensorTest {
    /** More elements than are widened at a time. */
    private static final int SIZE = 9_001;

    private static Tensor narrow(DType type) {
        Tensor t = Tensor.allocate(type, SIZE);
        for (int i = 0; i < SIZE; i++) {
            t.setDouble(i, i / 8.0 - 300);
        }
        return t;
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT16", "BFLOAT16"})
    void elementsAreThoseOfTheNarrowTensor(DType type) {
        Tensor narrow = narrow(type);
        Tensor wide = narrow.widened();
        assertThat(wide.dtype()).isEqualTo(DType.FLOAT32);
        assertThat(wide.byteSize()).isEqualTo(4L * SIZE);
        assertThat(wide.isNative()).isFalse();
        assertThat(wide.toFloatArray()).isEqualTo(narrow.toFloatArray());
        assertThat(wide.toDoubleArray()).isEqualTo(narrow.toDoubleArray());
        assertThat(wide.getFloat(SIZE - 1)).isEqualTo(narrow.getFloat(SIZE - 1));
        assertThat(wide.getLong(3)).isEqualTo(narrow.getLong(3));
        assertThat(wide.narrow().contentEquals(narrow)).isTrue();
        assertThat(narrow.narrow()).isNull();
    }

    @Test
    void everyNumberOf16BitsIsWidenedExactly() {
        for (DType type : new DType[] {DType.FLOAT16, DType.BFLOAT16}) {
            Tensor all = Tensor.allocate(type, 1 << 16);
            for (int i = 0; i < 1 << 16; i++) {
                all.setBits(i, i);
            }
            assertThat(all.widened().toFloatArray()).isEqualTo(all.toFloatArray());
        }
    }

    @Test
    void copiesAndViewsAreFloat32() {
        Tensor wide = narrow(DType.FLOAT16).widened();
        float[] all = wide.toFloatArray();
        assertThat(wide.copy().toFloatArray()).isEqualTo(all);
        assertThat(wide.copy().narrow()).isNull();
        assertThat(wide.copy().contentEquals(wide)).isTrue();
        assertThat(wide.contentEquals(wide.copy())).isTrue();
        Tensor matrix = wide.reshape(1, SIZE);
        assertThat(matrix.narrow().dims()).containsExactly(1, SIZE);
        assertThat(matrix.toFloatArray()).isEqualTo(all);
        assertThat(wide.slice(5, 7).toFloatArray()).containsExactly(all[5], all[6]);
        assertThat(wide.asReadOnly()).isSameAs(wide);
        FloatBuffer floats = FloatBuffer.allocate(SIZE);
        wide.copyTo(floats);
        assertThat(floats.array()).isEqualTo(all);
        ByteBuffer bytes = ByteBuffer.allocate(4 * SIZE);
        wide.copyTo(bytes);
        assertThat(bytes.position()).isEqualTo(4 * SIZE);
        Tensor target = Tensor.allocateNative(DType.FLOAT32, SIZE);
        target.copyFrom(wide);
        assertThat(target.toFloatArray()).isEqualTo(all);
        MemorySegment segment = wide.segment();
        assertThat(segment.byteSize()).isEqualTo(4L * SIZE);
        assertThat(segment.isReadOnly()).isTrue();
    }

    @Test
    void elementsCanNotBeWritten() {
        Tensor wide = narrow(DType.BFLOAT16).widened();
        assertThat(wide.isReadOnly()).isTrue();
        assertThatThrownBy(() -> wide.setDouble(0, 1)).isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> wide.copyFrom(Tensor.allocate(DType.FLOAT32, SIZE)))
                .isInstanceOf(InvalidTensorException.class);
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT32", "FLOAT64", "INT16", "STRING"})
    void otherTypesAreRefused(DType type) {
        Tensor t = Tensor.allocate(type, 2);
        assertThatThrownBy(t::widened)
                .isInstanceOf(InvalidTensorException.class)
                .hasMessageContaining("f16, bf16");
    }
}
