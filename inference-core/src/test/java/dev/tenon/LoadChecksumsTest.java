package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.TenonException;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.fixtures.TinyDecoders;
import dev.tenon.fixtures.TinyDecoders.Family;
import dev.tenon.fixtures.Typed;
import dev.tenon.formats.ChecksumException;
import dev.tenon.formats.ExternalDataPolicy;
import dev.tenon.formats.ModelFileException;
import dev.tenon.tensor.DType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link LoadOptions#sha256(String)}: every byte that loading reads has the stated checksum, or loading fails. */
class LoadChecksumsTest {
    private static final byte[] FILE = SmallModels.doubleFile();
    private static final String WRONG = "0123456789abcdef".repeat(4);

    @TempDir
    private Path folder;

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private Map<String, String> checksums(Path root) throws IOException {
        Map<String, String> all = new TreeMap<>();
        try (var files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.put(root.relativize(file).toString().replace('\\', '/'), sha256(Files.readAllBytes(file)));
            }
        }
        return all;
    }

    private static TenonException refused(Path path, LoadOptions options) {
        TenonException mapped = Typed.failure(() -> Model.load(path, options));
        assertThat(Typed.failure(() -> Model.load(path, options.copied())))
                .hasSameClassAs(mapped)
                .hasMessage(mapped.getMessage());
        return mapped;
    }

    @Test
    void theRightChecksumLoads() throws IOException {
        Path file = Files.write(folder.resolve("model.onnx"), FILE);
        LoadOptions right = LoadOptions.standard().sha256(sha256(FILE).toUpperCase(Locale.ROOT));
        List<Model> models = List.of(
                Model.load(file, right),
                Model.load(file, right.copied()),
                Model.load(new ByteArrayInputStream(FILE), right),
                Model.load(ByteBuffer.wrap(FILE), right),
                Model.load("resource", () -> new ByteArrayInputStream(FILE), right));
        assertThat(models).allSatisfy(model -> assertThat(model.outputs()).hasSize(2));
    }

    @Test
    void anotherChecksumIsNamedWithTheExpectedOne() throws IOException {
        Path file = Files.write(folder.resolve("model.onnx"), FILE);
        LoadOptions wrong = LoadOptions.standard().sha256(WRONG);
        for (TenonException e : List.of(
                refused(file, wrong),
                Typed.failure(() -> Model.load(new ByteArrayInputStream(FILE), wrong)),
                Typed.failure(() -> Model.load(ByteBuffer.wrap(FILE), wrong)))) {
            assertThat(e).isInstanceOf(ChecksumException.class);
            assertThat(e.found()).contains(sha256(FILE));
            assertThat(e.allowed()).isEqualTo(WRONG);
        }
        assertThat(refused(file, wrong).thing()).isEqualTo("model.onnx");
    }

    @Test
    void theChecksumIsComparedBeforeTheFormat() throws IOException {
        Path file = Files.write(folder.resolve("model.onnx"), new byte[] {1, 2, 3});
        assertThat(refused(file, LoadOptions.standard().sha256(WRONG))).isInstanceOf(ChecksumException.class);
    }

    @Test
    void oneChangedBitIsFound() throws IOException {
        byte[] bytes = FILE.clone();
        bytes[bytes.length / 2] ^= 1;
        Path file = Files.write(folder.resolve("model.onnx"), bytes);
        assertThat(refused(file, LoadOptions.standard().sha256(sha256(FILE)))).isInstanceOf(ChecksumException.class);
    }

    @Test
    void oneChecksumRefusesFoldersAndFurtherFiles() throws IOException {
        Path file = folder.resolve("model.onnx");
        SmallModels.perceptron().save(file, SaveOptions.standard().externalData(ExternalDataPolicy.atLeast(1)));
        LoadOptions one = LoadOptions.standard().sha256(sha256(Files.readAllBytes(file)));
        assertThat(refused(folder, one))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("a folder")
                .hasMessageContaining("LoadOptions.sha256 of a map");
        assertThat(refused(file, one))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("no checksum for it")
                .hasMessageContaining("LoadOptions.sha256 of a map");
    }

    @Test
    void aMapCoversExternalData() throws IOException {
        Path onnx = Files.createDirectories(folder.resolve("onnx"));
        Path file = onnx.resolve("model.onnx");
        SmallModels.perceptron().save(file, SaveOptions.standard().externalData(ExternalDataPolicy.atLeast(1)));
        Map<String, String> inFolder = checksums(folder);
        assertThat(inFolder).hasSize(2).containsKey("onnx/model.onnx");
        Model.load(folder, LoadOptions.standard().sha256(inFolder));
        LoadOptions beside = LoadOptions.standard().sha256(checksums(onnx));
        Model.load(file, beside);
        assertThat(refused(folder, beside)).hasMessageContaining("'onnx/model.onnx'");

        Path data = onnx.resolve("model.onnx.data");
        byte[] changed = Files.readAllBytes(data);
        changed[0] ^= 1;
        Files.write(data, changed);
        assertThat(refused(file, beside))
                .isInstanceOf(ChecksumException.class)
                .hasMessageContaining("model.onnx.data")
                .hasMessageContaining(sha256(changed));
    }

    @Test
    void aMapCoversADecoder() throws IOException {
        TinyDecoders.folder(Family.QWEN2, folder, DType.FLOAT32, 2);
        Map<String, String> files = checksums(folder);
        Model.load(folder, LoadOptions.standard().sha256(files));
        Model.load(folder.resolve("config.json"), LoadOptions.standard().sha256(files));
        for (String name : files.keySet()) {
            Map<String, String> fewer = new TreeMap<>(files);
            fewer.remove(name);
            assertThat(refused(folder, LoadOptions.standard().sha256(fewer)))
                    .isInstanceOf(ModelFileException.class)
                    .hasMessageContaining("'" + name + "'");
            Map<String, String> wrong = new TreeMap<>(files);
            wrong.put(name, WRONG);
            assertThat(refused(folder, LoadOptions.standard().sha256(wrong)))
                    .isInstanceOf(ChecksumException.class)
                    .hasMessageContaining(files.get(name));
        }
    }

    @Test
    void comparingEndsWithTheTimeLimit() throws IOException {
        Path file = Files.write(folder.resolve("model.onnx"), FILE);
        LoadOptions none = LoadOptions.standard().sha256(sha256(FILE)).timeLimit(Duration.ZERO);
        assertThat(Typed.failure(() -> Model.load(file, none))).isInstanceOf(InterruptedPredictionException.class);
    }

    @Test
    void optionsThatAreNoChecksumsAreRefused() {
        LoadOptions standard = LoadOptions.standard();
        assertThat(standard.sha256()).isEmpty();
        assertThat(standard.sha256(WRONG).sha256()).containsExactly(Map.entry("", WRONG));
        assertThat(standard.sha256(WRONG).sha256(Map.of("a", WRONG)).sha256()).containsExactly(Map.entry("a", WRONG));
        for (String text : List.of("", WRONG.substring(1), "x" + WRONG.substring(1), "sha256:" + WRONG, " " + WRONG)) {
            assertThat(Typed.failure(() -> standard.sha256(text)))
                    .isInstanceOf(InvalidOptionException.class)
                    .hasMessageContaining("64 hexadecimal digits");
            assertThat(Typed.failure(() -> standard.sha256(Map.of("a.onnx", text))))
                    .isInstanceOf(InvalidOptionException.class)
                    .hasMessageContaining("a.onnx");
        }
        assertThat(Typed.failure(() -> standard.sha256(Map.of()))).isInstanceOf(InvalidOptionException.class);
        assertThat(Typed.failure(() -> standard.sha256(Map.of("", WRONG)))).isInstanceOf(InvalidOptionException.class);
    }
}
