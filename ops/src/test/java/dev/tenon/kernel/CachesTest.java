package dev.tenon.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading the sizes of caches that Linux lists, and what happens if it does not list them. */
class CachesTest {
    @TempDir
    Path folder;

    private void list(String... caches) throws IOException {
        for (int i = 0; i < caches.length; i++) {
            String[] fields = caches[i].split(" ");
            Path cache = Files.createDirectory(folder.resolve("index" + i));
            Files.writeString(cache.resolve("level"), fields[0] + "\n");
            Files.writeString(cache.resolve("type"), fields[1] + "\n");
            Files.writeString(cache.resolve("size"), fields[2] + "\n");
        }
    }

    private Caches read() {
        return Caches.read(folder.toFile());
    }

    @Test
    void dataCachesAreReadAndInstructionCachesAreNot() throws IOException {
        list("1 Data 48K", "1 Instruction 64K", "2 Unified 2048K", "3 Unified 491520K");
        assertThat(read()).isEqualTo(new Caches(48 << 10, 2 << 20, 480L << 20));
        assertThat(read().describe()).isEqualTo("48 KB, 2 MB, 480 MB");
    }

    @Test
    void aThirdLevelNeedNotBeThere() throws IOException {
        list("1 Data 128K", "1 Instruction 192K", "2 Unified 4M");
        assertThat(read()).isEqualTo(new Caches(128 << 10, 4 << 20, 0));
        assertThat(read().describe()).isEqualTo("128 KB, 4 MB, no third level");
    }

    @Test
    void aMissingListGivesTypicalSizes() throws IOException {
        assertThat(Caches.read(folder.resolve("none").toFile())).isEqualTo(Caches.TYPICAL);
        assertThat(read()).isEqualTo(Caches.TYPICAL);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1 Data 48K",
                "1 Data 48K;2 Unified much",
                "1 Data K;2 Unified 2M",
                "1 Data 0K;2 Unified 2M",
                "1 Data 48K;2 Unified -2M",
                "1 Data 2M;2 Unified 48K",
                "1 Data 48K;2 Unified 99999999999G",
                "1 Data 48K;2 Unified 999999999999999999999M",
                "1 Data 48K;2 Unified 2M;3 Unified 1",
                "1 Data 48K;2 Unified 2M;3 Unified ?",
                "x Data 48K;12 Unified 2M"
            })
    void invalidSizesAreReplacedByTypicalOnes(String caches) throws IOException {
        list(caches.split(";"));
        assertThat(read()).isEqualTo(Caches.TYPICAL);
    }

    @Test
    void unreadableFilesAreNoError() throws IOException {
        Path cache = Files.createDirectory(folder.resolve("index0"));
        Files.createDirectory(cache.resolve("type"));
        assertThat(read()).isEqualTo(Caches.TYPICAL);
        Files.delete(cache.resolve("type"));
        Files.write(cache.resolve("type"), new byte[1 << 16]);
        assertThat(read()).isEqualTo(Caches.TYPICAL);
        Files.writeString(cache.resolve("type"), "Data");
        assertThat(read()).isEqualTo(Caches.TYPICAL);
    }

    @Test
    void aFolderWithoutEndIsNotReadToTheEnd() throws IOException {
        list(IntStream.range(0, 40).mapToObj(i -> "1 Data " + (i + 8) + "K").toArray(String[]::new));
        assertThat(read()).isEqualTo(Caches.TYPICAL);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "48K,2M,480M|49152|2097152|503316480",
                "32K, 256K, 8M|32768|262144|8388608",
                "16384,128K,0|16384|131072|0"
            })
    void aPropertyNamesTheSizes(String text, long l1, long l2, long l3) {
        assertThat(Caches.parse(text)).isEqualTo(new Caches(l1, l2, l3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "48K", "48K,2M", "48K,2M,4M,8M", "a,b,c", "48K,,0", "48K,2M,-1", "0,0,0", "48k,2m,0"})
    void anythingElseNamesNone(String text) {
        assertThat(Caches.parse(text)).isNull();
    }

    @Test
    void sizesAreWrittenAsTheyAreRead() {
        Caches caches = new Caches(48 << 10, 2 << 20, 0);
        assertThat(caches.property()).isEqualTo("49152,2097152,0");
        assertThat(Caches.parse(caches.property())).isEqualTo(caches);
    }

    @Test
    void sizesAreChecked() {
        assertThatThrownBy(() -> new Caches(0, 1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Caches(1, 0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Caches(1, 1, -1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void thisMachineHasCachesOfSomeSize() {
        Caches here = Caches.detect();
        assertThat(here.l1Bytes()).isBetween(1L << 12, 1L << 24);
        assertThat(here.l2Bytes()).isGreaterThanOrEqualTo(here.l1Bytes());
    }

    /** A part shrinks with the second level, and does not grow with it. */
    @Test
    void aPartOfTheSecondLevelFitsIntoIt() {
        assertThat(Caches.TYPICAL.partOfL2(1 << 18)).isEqualTo(1 << 18);
        assertThat(new Caches(32 << 10, 256 << 10, 0).partOfL2(1 << 18)).isEqualTo(64 << 10);
        assertThat(new Caches(48 << 10, 2 << 20, 0).partOfL2(1 << 18)).isEqualTo(1 << 18);
        assertThat(new Caches(1 << 12, 1L << 40, 0).partOfL2(1)).isEqualTo(1);
    }
}
