package dev.tenon.options;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SettingsTest {
    private static final class Values extends Settings<Values> {
        private final String fixed;
        private int number = 1;
        private List<String> names = List.of();

        Values(String fixed) {
            this.fixed = fixed;
        }
    }

    @Test
    void aCopyKeepsWhatIsNotChanged() {
        Values first = new Values("x");
        Values second = first.with(v -> v.number = 2);
        Values third = second.with(v -> v.names = List.of("a"));
        assertThat(List.of(first.fixed, first.number, first.names)).isEqualTo(List.of("x", 1, List.of()));
        assertThat(List.of(second.fixed, second.number, second.names)).isEqualTo(List.of("x", 2, List.of()));
        assertThat(List.of(third.fixed, third.number, third.names)).isEqualTo(List.of("x", 2, List.of("a")));
    }
}
