package dev.tenon.formats.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import dev.tenon.formats.ExternalData;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Damage;
import dev.tenon.testkit.Exhaustive;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are well formed are read; whatever is wrong with one ends in an exception that names it. */
class SafetensorsFolderTest {
    private static final long SEED = 20261202;

    @TempDir
    private Path folder;

    private static byte[] file(String header, int dataBytes) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer all =
                ByteBuffer.allocate(Long.BYTES + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        all.putLong(json.length).put(json);
        for (int i = 0; i < dataBytes / Float.BYTES; i++) {
            all.putFloat(i);
        }
        return all.array();
    }

    private static String entry(String name, String type, String shape, long from, long to) {
        return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}".formatted(name, type, shape, from, to);
    }

    private static byte[] sample() {
        return file(
                "{\"__metadata__\":{\"format\":\"pt\"}," + entry("a", "F32", "[2,2]", 0, 16) + ","
                        + entry("empty", "F16", "[0,3]", 16, 16) + "," + entry("b", "BF16", "[4]", 16, 24) + "} ",
                24);
    }

    private static Map<String, Tensor> read(byte[] bytes) {
        return read(bytes, Limits.standard());
    }

    private static Map<String, Tensor> read(byte[] bytes, Limits limits) {
        return SafetensorsFile.read(ModelBytes.of("x.safetensors", MemorySegment.ofArray(bytes)), limits);
    }

    @Test
    void tensorsAreViewsOfTheFile() {
        Map<String, Tensor> tensors = read(sample());
        assertThat(tensors.keySet()).containsExactly("a", "empty", "b");
        assertThat(tensors.get("a").toFloatArray()).containsExactly(0, 1, 2, 3);
        assertThat(tensors.get("b").dtype()).isEqualTo(DType.BFLOAT16);
        assertThat(tensors.get("empty").dims()).containsExactly(0, 3);
    }

    @Test
    void headersThatContradictTheFileAreMalformed() {
        for (String header : List.of(
                "[]",
                "{",
                "{\"a\":1}",
                "{\"a\":{}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}",
                "{" + entry("a", "F32", "[-1]", 0, 16) + "}",
                "{" + entry("a", "F32", "[1.5]", 0, 16) + "}",
                "{" + entry("a", "F32", "[3]", 0, 16) + "}",
                "{" + entry("a", "F32", "[4]", 16, 0) + "}",
                "{" + entry("a", "F32", "[4]", -16, 0) + "}",
                "{" + entry("a", "F32", "[8]", 0, 32) + "}",
                "{" + entry("a", "F32", "[2]", 0, 8) + "}",
                "{" + entry("a", "F32", "[2]", 8, 16) + "}",
                "{" + entry("a", "F32", "[4]", 0, 16) + "," + entry("b", "F32", "[2]", 8, 16) + "}",
                "{" + entry("a", "F32", "[2]", 0, 8) + "," + entry("a", "F32", "[2]", 8, 16) + "}",
                "{" + entry("a", "F32", "[4]", 0, 16) + "}x")) {
            assertThatThrownBy(() -> read(file(header, 16)))
                    .as(header)
                    .isInstanceOf(MalformedModelException.class)
                    .hasMessageContaining("x.safetensors");
        }
    }

    @Test
    void lengthsOfHeadersAreChecked() {
        for (long length : new long[] {0, 1, 1000, 1L << 40, -1, Long.MIN_VALUE}) {
            byte[] bytes = sample();
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
            assertThatThrownBy(() -> read(bytes)).isInstanceOf(MalformedModelException.class);
        }
        assertThatThrownBy(() -> read(new byte[7])).isInstanceOf(MalformedModelException.class);
    }

    @Test
    void otherTypesAndTooManyTensorsAreRefused() {
        assertThatThrownBy(() -> read(file("{" + entry("a", "I64", "[2]", 0, 16) + "}", 16)))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("I64");
        assertThatThrownBy(() -> read(sample(), Limits.standard().maxTensors(2)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("maxTensors");
        assertThatThrownBy(() -> read(file("{" + entry("a", "F32", "[4611686018427387904,4]", 0, 16) + "}", 16)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("maxTensorElements");
        assertThat(read(sample(), Limits.standard().maxTensorBytes(16))).hasSize(3);
        assertThatThrownBy(() -> read(sample(), Limits.standard().maxTensorBytes(15)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("maxTensorBytes");
    }

    private Map<String, Tensor> tensors() {
        return SafetensorsFolder.tensors(ExternalData.inFolder(folder), Limits.standard());
    }

    private void index(String map) throws IOException {
        Files.writeString(
                folder.resolve("model.safetensors.index.json"), "{\"metadata\":{},\"weight_map\":{" + map + "}}");
    }

    @Test
    void shardsAreJoined() throws IOException {
        Files.write(folder.resolve("one.safetensors"), file("{" + entry("a", "F32", "[1]", 0, 4) + "}", 4));
        Files.write(folder.resolve("two.safetensors"), file("{" + entry("b", "F32", "[2]", 0, 8) + "}", 8));
        index("\"b\":\"two.safetensors\",\"a\":\"one.safetensors\"");
        assertThat(tensors().keySet()).containsExactlyInAnyOrder("a", "b");
        ExternalData own =
                name -> ModelBytes.map(folder.resolve(name), Limits.standard()).segment();
        assertThat(SafetensorsFolder.tensors(own, Limits.standard())).hasSize(2);
        assertThatThrownBy(
                        () -> SafetensorsFolder.tensors(own, Limits.standard().maxTensors(1)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("maxTensors");
        index("\"b\":\"two.safetensors\",\"a\":\"one.safetensors\",\"c\":\"one.safetensors\"");
        assertThatThrownBy(this::tensors)
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("'c'");
        index("\"b\":\"two.safetensors\",\"a\":\"two.safetensors\"");
        assertThatThrownBy(this::tensors)
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("'a'");
        index("\"b\":\"two.safetensors\",\"x\":\"one.safetensors\"");
        assertThatThrownBy(this::tensors).isInstanceOf(MalformedModelException.class);
        Files.writeString(folder.resolve("model.safetensors.index.json"), "{\"metadata\":{}}");
        assertThatThrownBy(this::tensors)
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("weight_map");
    }

    @Test
    void pathsOutsideOfTheFolderAreRefused() throws IOException {
        for (String path : List.of("../one.safetensors", "/etc/passwd", "a/../../one.safetensors", "C:/x", "")) {
            index("\"a\":\"" + path + "\"");
            assertThatThrownBy(this::tensors).as(path).isInstanceOf(ModelFileException.class);
        }
        Path outside = Files.createTempFile("outside", ".safetensors");
        try {
            Files.write(outside, file("{" + entry("a", "F32", "[1]", 0, 4) + "}", 4));
            Files.createSymbolicLink(folder.resolve("link.safetensors"), outside);
            index("\"a\":\"link.safetensors\"");
            assertThatThrownBy(this::tensors)
                    .isInstanceOf(ModelFileException.class)
                    .hasMessageContaining("symbolic link");
        } finally {
            Files.delete(outside);
        }
    }

    private static void check(String damage, byte[] bytes) {
        try {
            read(bytes, Limits.standard().maxRecords(1000));
        } catch (TenonException typed) {
            assertThat(typed.getMessage()).as(damage).isNotEmpty();
        } catch (RuntimeException | Error e) {
            throw new AssertionError(damage, e);
        }
    }

    @Test
    void damagedFilesEndInTypedExceptions() {
        Damage.flips(sample(), Exhaustive.step(3), SafetensorsFolderTest::check);
        Damage.truncations(sample(), SafetensorsFolderTest::check);
        mutate(1500);
    }

    @Tag("exhaustive")
    @Test
    void manyDamagedFilesEndInTypedExceptions() {
        mutate(500_000);
    }

    /** Replaces characters by those that have a meaning in JSON, and by digits. */
    private static void mutate(int cases) {
        SplittableRandom random = new SplittableRandom(SEED);
        String characters = "0123456789-+.eE\"\\{}[]:, \u0000";
        for (int i = 0; i < cases; i++) {
            byte[] damaged = sample();
            for (int changes = random.nextInt(1, 5); changes > 0; changes--) {
                int at = random.nextInt(damaged.length - 24);
                damaged[at] = (byte) characters.charAt(random.nextInt(characters.length()));
            }
            check("case " + i + " of seed " + SEED, damaged);
        }
    }
}
