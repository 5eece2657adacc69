package dev.tenon.samples.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.serving.versions.Compare;
import dev.tenon.serving.versions.Route;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Texts of the page and of the statistics. */
class DescriptionsTest {
    @Test
    void routesAreText() {
        assertThat(Descriptions.route(Route.to("6"))).isEqualTo("version 6");
        assertThat(Descriptions.route(
                        Route.weighted(Map.of("6", 950, "7", 45, "8", 5)).byKey()))
                .isEqualTo("version 6: 95.0 %, version 7: 4.5 %, version 8: 0.5 %, by key");
        assertThat(Descriptions.route(Route.shadow("6", "7", 0.25, Compare.tolerance(0))))
                .isEqualTo("version 6, shadow 7 of 25.0 %");
    }
}
