package dev.tenon.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.ResourceLimitException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExternalDataTest {
    @TempDir
    private Path root;

    private Path model;
    private ExternalData data;

    @BeforeEach
    void setUp() throws IOException {
        model = Files.createDirectories(root.resolve("model"));
        Files.createDirectories(model.resolve("sub"));
        Files.write(model.resolve("w.bin"), new byte[] {1, 2, 3});
        Files.write(model.resolve("sub").resolve("v.bin"), new byte[] {4});
        Files.write(root.resolve("secret"), new byte[] {9});
        data = ExternalData.inFolder(model);
    }

    @Test
    void mapsFilesOfTheFolderOnce() {
        assertThat(data.open("w.bin").toArray(ValueLayout.JAVA_BYTE)).containsExactly(1, 2, 3);
        assertThat(data.open("w.bin")).isSameAs(data.open("w.bin"));
        assertThat(data.open("sub/v.bin").get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 4);
        assertThat(data.open("./w.bin").byteSize()).isEqualTo(3);
    }

    @Test
    void everySpellingOfAFileLeadsToOneMapping() throws IOException {
        MemorySegment first = data.open("w.bin");
        Files.createSymbolicLink(model.resolve("link.bin"), model.resolve("w.bin"));
        for (String spelling : List.of("./w.bin", "././/w.bin", "sub/./v.bin", ".//w.bin", "link.bin")) {
            MemorySegment found = data.open(spelling);
            if (!spelling.contains("v.bin")) {
                assertThat(found).as(spelling).isSameAs(first);
            }
        }
        assertThat(data.open("sub//v.bin")).isSameAs(data.open("sub/v.bin"));
    }

    @Test
    void refusesMoreFilesThanTheLimit() throws IOException {
        Files.write(model.resolve("third.bin"), new byte[] {5});
        Limits two = Limits.standard().maxExternalFiles(2);
        for (ExternalData limited :
                List.of(ExternalData.inFolder(model, two), ExternalData.copiedFromFolder(model, two))) {
            limited.open("w.bin");
            limited.open("sub/v.bin");
            limited.open("./w.bin");
            assertThatThrownBy(() -> limited.open("third.bin"))
                    .isInstanceOf(ResourceLimitException.class)
                    .hasMessageContaining("third.bin")
                    .hasMessageContaining("at most 2")
                    .hasMessageContaining("maxExternalFiles");
            assertThat(limited.open("w.bin").byteSize()).isEqualTo(3);
        }
    }

    @Test
    void copiesSurviveAChange() throws IOException {
        ExternalData copies = ExternalData.copiedFromFolder(model);
        assertThat(copies.open("w.bin").byteSize()).isEqualTo(3);
        Files.write(model.resolve("w.bin"), new byte[] {7, 7, 7});
        assertThat(copies.open("w.bin").toArray(ValueLayout.JAVA_BYTE)).containsExactly(1, 2, 3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "../secret",
                "sub/../../secret",
                "sub/..",
                "..",
                "..\\secret",
                "/etc/passwd",
                "\\\\host\\share",
                "C:\\secret",
                "C:secret",
                "absent.bin",
                "sub",
                ".",
                "w.bin\0",
                "w.bin/x"
            })
    void refuses(String location) {
        assertThatThrownBy(() -> data.open(location))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining(location.equals("sub") || location.equals(".") ? "a folder" : location);
    }

    @Test
    void refusesLinksThatLeaveTheFolder() throws IOException {
        Files.createSymbolicLink(model.resolve("out"), root.resolve("secret"));
        Files.createSymbolicLink(model.resolve("dir"), root);
        Files.createSymbolicLink(model.resolve("in"), model.resolve("w.bin"));
        Files.createSymbolicLink(model.resolve("loop"), model.resolve("loop"));
        assertThatThrownBy(() -> data.open("out")).hasMessageContaining("a symbolic link that leads out of the folder");
        assertThatThrownBy(() -> data.open("dir/secret")).isInstanceOf(ModelFileException.class);
        assertThatThrownBy(() -> data.open("loop")).isInstanceOf(ModelFileException.class);
        assertThat(data.open("in").byteSize()).isEqualTo(3);
    }

    @Test
    void linksOfASnapshotLeadToBlobsOfTheSameRepositoryOnly() throws IOException {
        String commit = "0123456789abcdef0123456789abcdef01234567";
        Path repository = Files.createDirectories(root.resolve("models--org--name"));
        Path snapshot = Files.createDirectories(repository.resolve("snapshots/" + commit));
        Path onnx = Files.createDirectories(snapshot.resolve("onnx"));
        Path blobs = Files.createDirectories(repository.resolve("blobs"));
        Path below = Files.createDirectories(blobs.resolve("below"));
        Path other = Files.createDirectories(root.resolve("models--org--other/blobs"));
        for (Path folder : List.of(blobs, below, other, repository)) {
            Files.write(folder.resolve("ab12"), new byte[] {1, 2});
        }
        link(onnx, "data", "../../../blobs/ab12");
        link(onnx, "deeper", "../../../blobs/below/ab12");
        link(onnx, "foreign", "../../../../models--org--other/blobs/ab12");
        link(onnx, "beside", "../../../ab12");
        link(onnx, "secret", "../../../../secret");
        for (Path folder : List.of(onnx, snapshot)) {
            String prefix = folder.equals(onnx) ? "" : "onnx/";
            ExternalData found = ExternalData.inFolder(folder);
            assertThat(found.open(prefix + "data").byteSize()).isEqualTo(2);
            for (String location : List.of("deeper", "foreign", "beside", "secret")) {
                assertThatThrownBy(() -> found.open(prefix + location))
                        .isInstanceOf(ModelFileException.class)
                        .hasMessageContaining("a symbolic link that leads out of the folder");
            }
        }
        Path named = Files.createDirectories(repository.resolve("snapshots/main"));
        link(named, "data", "../../blobs/ab12");
        assertThatThrownBy(() -> ExternalData.inFolder(named).open("data")).isInstanceOf(ModelFileException.class);
    }

    private static void link(Path folder, String name, String target) throws IOException {
        Files.createSymbolicLink(folder.resolve(name), Path.of(target));
    }

    @Test
    void aFolderReachedByALinkIsFine() throws IOException {
        Path link = Files.createSymbolicLink(root.resolve("link"), model);
        assertThat(ExternalData.inFolder(link).open("w.bin").byteSize()).isEqualTo(3);
    }

    @Test
    void modelsFromStreamsHaveNone() {
        assertThatThrownBy(() -> ExternalData.none().open("w.bin"))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("w.bin");
    }
}
