package dev.tenon.formats.protobuf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WireWriterTest {
    static byte[] bytes(WireWriter out) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            out.writeTo(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThat((long) bytes.size()).isEqualTo(out.size());
        return bytes.toByteArray();
    }

    @Test
    void encodesAsTheFormatSays() {
        WireWriter child = new WireWriter();
        child.int64(1, 150);
        WireWriter out = new WireWriter();
        out.int64(1, -1);
        out.float32(2, 1f);
        out.float64(3, -2.0);
        out.string(4, "é");
        out.message(16, child);
        out.packed(5, Scalars.ofLongs(3, 270));
        out.packed(6, Scalars.none(Scalars.Encoding.FIXED32));
        assertThat(HexFormat.of().formatHex(bytes(out)))
                .isEqualTo("08ffffffffffffffffff01" + "150000803f" + "1900000000000000c0" + "2202c3a9" + "820103089601"
                        + "2a03038e02");
    }

    @Test
    void streamsPiecesOfEverySize(@TempDir Path folder) throws IOException {
        Random random = new Random(7);
        WireWriter out = new WireWriter();
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        Path source = folder.resolve("source");
        MemorySegment mapped = mapped(source, random);
        for (int size : new int[] {0, 1, 1000, 1024, 1025, 5000, 70_000, 200_000}) {
            byte[] data = new byte[size];
            random.nextBytes(data);
            WireWriter child = new WireWriter();
            child.bytes(1, MemorySegment.ofArray(data));
            child.bytes(2, mapped);
            out.message(3, child);
            expected.writeBytes(WireBytes.nested(3, bytes(child)));
        }
        assertThat(bytes(out)).isEqualTo(expected.toByteArray());
        Path file = folder.resolve("written");
        out.writeTo(file);
        assertThat(file).hasBinaryContent(expected.toByteArray());
        ByteArrayOutputStream channel = new ByteArrayOutputStream();
        out.writeTo(Channels.newChannel(channel));
        assertThat(channel.toByteArray()).isEqualTo(expected.toByteArray());
    }

    private static MemorySegment mapped(Path file, Random random) throws IOException {
        byte[] data = new byte[9000];
        random.nextBytes(data);
        Files.write(file, data);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, data.length, Arena.ofAuto());
        }
    }

    @Test
    void streamsMoreThanAnArrayHolds() throws IOException {
        MemorySegment part = MemorySegment.ofArray(new byte[1 << 20]);
        WireWriter child = new WireWriter();
        for (int i = 0; i < 2100; i++) {
            child.bytes(1, part);
        }
        WireWriter out = new WireWriter();
        out.message(2, child);
        Counter counter = new Counter();
        out.writeTo(counter);
        assertThat(counter.total).isEqualTo(out.size()).isGreaterThan(Integer.MAX_VALUE);
    }

    private static final class Counter extends OutputStream {
        private long total;

        @Override
        public void write(int b) {
            total++;
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            total += length;
        }
    }
}
