package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.SmallModels;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Results that are joined along the last axis are written there, also if views of them are joined. */
@Tag("tiers")
class JoinedViewsTest {
    private static String numbers(int count, int from) {
        return IntStream.range(from, from + count)
                .mapToObj(i -> String.valueOf(i * 7 % 5 - 2))
                .collect(Collectors.joining(", "));
    }

    /** The heads of a detector: maps of features in rows, which are joined. */
    private static void heads(String target) {
        String text = """
                graph g(%x: f32[n,16,6,6]) {
                  %w = const f32[32,16,1,1] {W}
                  %v = const f32[32,16,1,1] {V}
                  %a = Conv(%x, %w)
                  %b = Conv(%x, %v)
                  %c = Transpose<perm=[0, 2, 3, 1]>(%a)
                  %d = Transpose<perm=[0, 2, 3, 1]>(%b)
                  %s = const i64[COUNT] {TARGET}
                  %e = Reshape(%c, %s)
                  %f = Reshape(%d, %s)
                  %y = Concat<axis=-1>(%e, %f)
                  return %y
                }
                """;
        Model model = SmallModels.model(text.replace("{W}", "{" + numbers(512, 0) + "}")
                .replace("{V}", "{" + numbers(512, 3) + "}")
                .replace("COUNT", String.valueOf(target.split(",").length))
                .replace("TARGET", target));
        Tensor x = Tensor.allocate(DType.FLOAT32, 3, 16, 6, 6);
        for (long i = 0; i < x.size(); i++) {
            x.setLong(i, i * 11 % 7 - 3);
        }
        Tensor expected = model.session(SessionOptions.standard().optimize(false))
                .predict(Map.of("x", x))
                .tensor("y");
        Tensor found = model.session().predict(Map.of("x", x)).tensor("y");
        assertThat(found.dims()).isEqualTo(expected.dims());
        assertThat(found.contentEquals(expected)).as(target).isTrue();
    }

    @Test
    void viewsWithLongerRowsAreJoined() {
        heads("0, -1");
        heads("0, 6, -1");
        heads("0, 36, 32");
        heads("-1, 16");
    }
}
