package dev.tenon.formats.protobuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ScalarsTest {
    private static Scalars throughMessage(Scalars values, WireWriter out) {
        byte[] bytes = WireWriterTest.bytes(out);
        WireReader in = WireReader.of(MemorySegment.ofArray(bytes), "file", "M");
        Scalars.Builder builder = new Scalars.Builder(values.encoding());
        while (in.next()) {
            in.scalars(builder);
        }
        return builder.build();
    }

    private static Scalars packed(Scalars values) {
        WireWriter out = new WireWriter();
        out.packed(16, values);
        return throughMessage(values, out);
    }

    @Property
    void integersComeBack(@ForAll long[] values) {
        Scalars encoded = Scalars.ofLongs(values);
        assertThat(encoded.toLongs()).isEqualTo(values);
        assertThat(packed(encoded)).isEqualTo(encoded);
        assertThat(encoded.count()).isEqualTo(values.length);
        WireWriter single = new WireWriter();
        for (long value : values) {
            single.int64(3, value);
        }
        assertThat(throughMessage(encoded, single)).isEqualTo(encoded);
    }

    @Property
    void floatsComeBack(@ForAll float[] values) {
        Scalars encoded = Scalars.ofFloats(values);
        assertThat(encoded.toFloats()).isEqualTo(values);
        assertThat(packed(encoded)).isEqualTo(encoded);
        WireWriter single = new WireWriter();
        for (float value : values) {
            single.float32(3, value);
        }
        assertThat(throughMessage(encoded, single)).isEqualTo(encoded);
    }

    @Property
    void doublesComeBack(@ForAll double[] values) {
        Scalars encoded = Scalars.ofDoubles(values);
        assertThat(encoded.toDoubles()).isEqualTo(values);
        assertThat(packed(encoded)).isEqualTo(encoded);
        WireWriter single = new WireWriter();
        for (double value : values) {
            single.float64(3, value);
        }
        assertThat(throughMessage(encoded, single)).isEqualTo(encoded);
    }

    @Test
    void decodingAnotherEncodingIsAnError() {
        assertThatThrownBy(() -> Scalars.ofLongs(1).toFloats()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void showsShortListsOnly() {
        assertThat(Scalars.ofLongs(1, -2)).hasToString("[1, -2]");
        assertThat(Scalars.ofFloats(new float[100])).hasToString("100 values");
    }
}
