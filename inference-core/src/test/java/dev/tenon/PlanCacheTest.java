package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.SmallModels;
import dev.tenon.tensor.Tensor;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Results do not depend on which plans are cached. */
@Tag("short")
class PlanCacheTest {
    @ParameterizedTest
    @ValueSource(longs = {0, 10_000, 64 << 20})
    void resultsDoNotDependOnWhatIsKept(long bytes) {
        Model model = SmallModels.shuffle();
        Session session = model.session(SessionOptions.standard().planCacheBytes(bytes));
        Session unoptimized =
                model.session(SessionOptions.standard().optimize(false).planCacheBytes(bytes));
        for (int round = 0; round < 3; round++) {
            for (int batch = 40; batch >= 0; batch -= 1 + round) {
                Tensor x = SmallModels.random(batch, 4, 6);
                Tensor y = session.predict(Map.of("x", x)).tensor();
                assertThat(y.dims()).containsExactly(6, batch, 8);
                for (int k = 0; k < 6; k++) {
                    for (int b = 0; b < batch; b++) {
                        for (int i = 0; i < 8; i++) {
                            assertThat(y.getFloat((k * batch + b) * 8 + i))
                                    .isEqualTo(x.getFloat((b * 4 + i % 4) * 6 + k));
                        }
                    }
                }
                assertThat(unoptimized.predict(Map.of("x", x)).tensor().contentEquals(y))
                        .isTrue();
            }
        }
    }
}
