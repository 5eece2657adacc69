package dev.tenon.benchmarks.forks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The memory and the large pages of forks, from texts of Linux. */
class MemoryProfilerTest {
    private static final String STATUS = """
        Name:\tjava
        VmHWM:\t  500000 kB
        VmRSS:\t  250000 kB
        RssAnon:\t  100 kB
        """;

    @Test
    void figuresAreReadByTheirWholeName() {
        assertThat(MemoryProfiler.megabytes(STATUS, "VmRSS")).isEqualTo(256);
        assertThat(MemoryProfiler.megabytes(STATUS, "VmHWM")).isEqualTo(512);
        assertThat(MemoryProfiler.megabytes(STATUS, "Rss")).isNaN();
        assertThat(MemoryProfiler.megabytes("", "VmRSS")).isNaN();
    }

    @Test
    void theLastIterationCounts() {
        assertThat(MemoryProfiler.of("1.0 2.0 3.0\n4.5 6.0 NaN\n")).isEqualTo(new ForkMemory(4.5, 6, Double.NaN));
    }

    @Test
    void theMedianIsThatOfEachFigure() {
        assertThat(ForkMemory.median(List.of())).isEqualTo(ForkMemory.UNKNOWN);
        assertThat(ForkMemory.median(
                        List.of(new ForkMemory(1, 9, 5), new ForkMemory(3, 8, 5), new ForkMemory(2, 7, 6))))
                .isEqualTo(new ForkMemory(2, 8, 5));
    }

    @Test
    void glibcReadsItsSettingFromTheEnvironmentOfTheFork() {
        assertThat(new HugePages().addJVMInvokeOptions(null))
                .containsExactly("env", "GLIBC_TUNABLES=glibc.malloc.hugetlb=1");
        assertThat(new HugePages().addJVMOptions(null)).isEmpty();
    }

    @Test
    void systemsWithoutLargePagesAreNamed() {
        assertThat(HugePages.refusal("always [madvise] never\n")).isNull();
        assertThat(HugePages.refusal("[always] madvise never\n")).isNull();
        assertThat(HugePages.refusal("always madvise [never]\n"))
                .contains("'always madvise [never]'", "write madvise or always into it");
    }
}
