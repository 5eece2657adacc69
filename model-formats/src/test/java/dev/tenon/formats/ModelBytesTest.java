package dev.tenon.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.ResourceLimitException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelBytesTest {
    private static final Limits LIMITS = Limits.standard();

    @TempDir
    private Path folder;

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static byte[] content(ModelBytes bytes) {
        return bytes.read(segment -> segment.toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void everySourceGivesTheSameBytes() throws IOException {
        Path file = folder.resolve("m");
        for (int size : new int[] {0, 1, 65_536, 65_537, 300_000}) {
            byte[] data = random(size);
            Files.write(file, data);
            assertThat(content(ModelBytes.map(file, LIMITS))).isEqualTo(data);
            assertThat(content(ModelBytes.copy(file, LIMITS))).isEqualTo(data);
            assertThat(content(ModelBytes.copy("s", new ByteArrayInputStream(data), LIMITS)))
                    .isEqualTo(data);
            ByteBuffer buffer =
                    ByteBuffer.allocateDirect(size + 2).put((byte) 9).put(data).put((byte) 9);
            buffer.limit(size + 1).position(1);
            assertThat(content(ModelBytes.copy("b", buffer, LIMITS))).isEqualTo(data);
            assertThat(buffer.position()).isEqualTo(1);
            MemorySegment segment = ModelBytes.copy(file, LIMITS).segment();
            assertThat(segment.isReadOnly()).isTrue();
            assertThat(segment.isNative()).isTrue();
        }
    }

    @Test
    void mapsMoreThanTwoGigabytes() throws IOException {
        Path file = folder.resolve("sparse");
        long size = (1L << 31) + 4096;
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            channel.write(ByteBuffer.wrap(new byte[] {42}), size - 1);
        }
        ModelBytes bytes = ModelBytes.map(file, LIMITS);
        byte last = bytes.read(s -> s.get(ValueLayout.JAVA_BYTE, size - 1));
        assertThat(last).isEqualTo((byte) 42);
    }

    @Test
    void readsFilesInsideAnArchive() throws IOException {
        byte[] data = random(1000);
        Path zip = folder.resolve("a.zip");
        try (FileSystem archive = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
            Path inside = archive.getPath("model.onnx");
            Files.write(inside, data);
            assertThat(content(ModelBytes.map(inside, LIMITS))).isEqualTo(data);
        }
    }

    @Test
    void aFileThatShrinksIsATypedException() throws IOException {
        Path file = folder.resolve("shrinks");
        Files.write(file, random(1 << 20));
        ModelBytes bytes = ModelBytes.map(file, LIMITS);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(10);
        }
        assertThatThrownBy(() -> content(bytes))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("shrinks: the file got shorter");
    }

    @Test
    void refusesFoldersAndMissingFiles() {
        assertThatThrownBy(() -> ModelBytes.map(folder, LIMITS))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("a folder");
        assertThatThrownBy(() -> ModelBytes.copy(folder.resolve("absent"), LIMITS))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("no such file");
    }

    @Test
    void refusesMoreThanTheLimit() throws IOException {
        Limits small = LIMITS.maxModelBytes(100);
        Path file = folder.resolve("large");
        Files.write(file, random(101));
        assertThatThrownBy(() -> ModelBytes.map(file, small)).isInstanceOf(ResourceLimitException.class);
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 1;
            }
        };
        assertThatThrownBy(() -> ModelBytes.copy("endless", endless, small))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("maxModelBytes");
        assertThatThrownBy(() -> ModelBytes.copy("buffer", ByteBuffer.allocate(101), small))
                .isInstanceOf(ResourceLimitException.class);
    }

    @Test
    void aFailingStreamIsATypedException() {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("cable cut");
            }

            @Override
            public int read(byte[] buffer, int from, int length) throws IOException {
                throw new IOException("cable cut");
            }
        };
        assertThatThrownBy(() -> ModelBytes.copy("broken", broken, LIMITS))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("cable cut");
    }

    @Test
    void writingReplacesAFileThatIsMapped() throws IOException {
        Path file = folder.resolve("self");
        byte[] data = random(5000);
        Files.write(file, data);
        ModelBytes bytes = ModelBytes.map(file, LIMITS);
        AtomicFile.write(file, channel -> {
            channel.write(ByteBuffer.wrap(new byte[] {1}));
            channel.write(bytes.segment().asByteBuffer());
        });
        assertThat(content(bytes)).isEqualTo(data);
        assertThat(Files.size(file)).isEqualTo(5001);
        assertThatThrownBy(() -> AtomicFile.write(file, channel -> {
                    throw new IOException("full");
                }))
                .isInstanceOf(ModelFileException.class);
        assertThat(Files.size(file)).isEqualTo(5001);
        try (var entries = Files.list(folder)) {
            assertThat(entries).hasSize(1);
        }
        assertThatThrownBy(() -> AtomicFile.write(folder.resolve("no/such/folder"), channel -> {}))
                .isInstanceOf(ModelFileException.class);
    }
}
