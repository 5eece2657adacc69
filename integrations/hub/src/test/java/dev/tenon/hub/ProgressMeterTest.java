package dev.tenon.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressMeterTest {
    private final AtomicLong clock = new AtomicLong();
    private final List<DownloadProgress> reports = new ArrayList<>();
    private final ProgressMeter meter = new ProgressMeter("file", 100, reports::add, clock::get);

    @Test
    void rateAndTimeLeftCountWhatCameNow() {
        clock.set(1_000_000_000);
        meter.advance(300, 700);
        assertThat(reports.getLast().bytesPerSecond()).isEqualTo(200);
        assertThat(reports.getLast().timeLeft()).hasValue(Duration.ofSeconds(2));
        assertThat(reports.getLast().total()).hasValue(700);
        assertThat(reports.getLast().file()).isEqualTo("file");
    }

    @Test
    void reportsAreFew() {
        for (int i = 1; i <= 1000; i++) {
            clock.addAndGet(1_000_000);
            meter.advance(100 + i, 1100);
        }
        assertThat(reports).hasSize(4);
        assertThat(reports)
                .allSatisfy(report -> assertThat(report.bytesPerSecond()).isBetween(999.0, 1001.0));
    }

    @Test
    void withoutTotalOrRateTheTimeIsNotKnown() {
        meter.report(100, 1000);
        clock.set(1_000_000_000);
        meter.report(200, -1);
        assertThat(reports).allSatisfy(report -> assertThat(report.timeLeft()).isEmpty());
        assertThat(reports.getLast().total()).isEmpty();
    }
}
