package dev.tenon.samples.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.shape.Identity;
import dev.tenon.samples.UsageException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.TestData;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The text and the page of {@code samples/run inspect} for a small model. */
@Tag("vector")
class InspectCommandTest {
    private static final String HOSTILE = "</script><b>x";

    @TempDir
    Path folder;

    /** Five nodes. The optimiser removes one and fuses three into one. */
    private static Graph small() {
        GraphBuilder b = new GraphBuilder("small");
        Value x = b.input("x", new TensorType(DType.FLOAT32, Shape.of(Dim.symbol("batch"), Dim.of(4))));
        Value w = b.constant("w", Tensor.wrap(new float[12], 4, 3));
        Value bias = b.constant("bias", Tensor.of(new float[] {1, 2, 3}));
        Value product = b.add(new MatMul(), b.add(new Identity(), x), w);
        Value hidden = b.add(new Relu(), b.add(new Add(), product, bias));
        Value y = b.add(new Softmax(-1), HOSTILE, List.of(hidden), List.of("y")).getFirst();
        return b.output("y", y).build();
    }

    private Path model() {
        Path file = folder.resolve("small.onnx");
        Model.of(small()).save(file);
        return file;
    }

    private static String run(String... args) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        assertThat(new InspectCommand().run(List.of(args), new PrintStream(bytes, true, StandardCharsets.UTF_8)))
                .isZero();
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void saysWhatAModelIsAndWhatBecomesOfIt() throws IOException {
        String text = run(model().toString());
        assertThat(text)
                .contains("5 nodes as read, 2 as run")
                .contains("input x: f32[batch,4]", "output y: f32[batch,3]", "15 parameters in 2 constants, 60 bytes")
                .contains("rewrite identity fired 1 time at Identity")
                .contains("rewrite fusion fired 1 time at MatMul+Add+Relu in small")
                .contains("in-place 1 time at Softmax '" + HOSTILE + "' in small")
                .contains("MatMul+Add+Relu", "f32[1,4] f32[4,3] f32[3] -> f32[1,3]", "30 FLOP", "2 steps of 2 nodes")
                .doesNotContain("calls, shortest");
    }

    @Test
    void printsTheOptimisedGraphAndTheTimesOfSteps() throws IOException {
        String text = run(model().toString(), "--optimised", "--profile", "--shape", "x=7x4", "--threads", "1");
        assertThat(text)
                .contains("Fused<", "f32[7,4] f32[4,3] f32[3] -> f32[7,3]", "\n300 calls, shortest", "GFLOP/s  ");
    }

    @ParameterizedTest
    @CsvSource({
        "--profile, name one model",
        "MODEL --fast, unknown option --fast",
        "MODEL --html, --html needs a value",
        "MODEL --threads 0, --threads 0 is not a number",
        "MODEL --profile --seconds 0, --seconds 0 is not a number",
        "MODEL --shape x, --shape x is not of the form",
        "MODEL --shape y=1, the model has no such input"
    })
    void saysWhatItCannotFollow(String line, String message) {
        String[] args = line.replace("MODEL", model().toString()).split(" ");
        assertThatThrownBy(() -> run(args)).isInstanceOf(UsageException.class).hasMessageContaining(message);
    }

    @Test
    void anotherModelIsSetBeside() throws IOException {
        Path same = model();
        Model other = Model.load(same);
        GraphEditor editor = new GraphEditor(other.graph());
        Value bias = editor.index().value("bias");
        editor.replaceConstant(bias, Tensor.of(new float[] {9, 8, 7}));
        Path changed = folder.resolve("changed.onnx");
        other.withGraph(editor.build()).save(changed);
        assertThat(run(same.toString(), "--beside", same.toString())).contains("\nInfinity dB  y\n");
        assertThat(run(same.toString(), "--beside", changed.toString()))
                .containsPattern("(?s)\n +-?[0-9.]+ dB  Add\n.*\nInfinity dB  MatMul\n");
    }

    @Test
    void aTraceIsWritten() throws IOException {
        Path trace = folder.resolve("trace.json");
        assertThat(run(model().toString(), "--trace", trace.toString(), "--seconds", "1"))
                .contains("GFLOP/s", "wrote " + trace);
        assertThat(Files.readString(trace)).contains("\"traceEvents\":[{", "\"cat\":\"step\"", "memory of values");
    }

    @Test
    void thePageNeedsNoNetworkAndHoldsNamesAsText() throws IOException {
        String html = page("page.html");
        assertThat(html).doesNotContain(HOSTILE, "@DATA@", "src=", "href=", "@import", "url(");
        assertThat(html.replace("http://www.w3.org/2000/svg", "")).doesNotContain("http");
        assertThat(count(html, "</script>")).isEqualTo(2);
        assertThat(html).contains("\\u003c/script>");
    }

    private String page(String name) throws IOException {
        Path html = folder.resolve(name);
        run(model().toString(), "--profile", "--seconds", "1", "--html", html.toString());
        return Files.readString(html);
    }

    private static int count(String text, String part) {
        Matcher matcher = Pattern.compile(part, Pattern.LITERAL).matcher(text);
        int n = 0;
        while (matcher.find()) {
            n++;
        }
        return n;
    }

    private Browser browser() {
        Browser browser = Browser.find(folder);
        TestData.needs(browser != null, "no Chromium on the path: apt-get install chromium", "tenon.ci");
        return browser;
    }

    @Test
    void aBrowserDrawsTheGraphAsRunAndAsRead() throws IOException, InterruptedException {
        Browser browser = browser();
        page("drawn.html");
        Path page = folder.resolve("drawn.html");
        String run = browser.dom(page, "");
        // One input, two steps, one output.
        assertThat(run).contains("data-drawn=\"4\"", "data-op=\"MatMul+Add+Relu\"", "data-op=\"Softmax\"");
        assertThat(count(run, "class=\"edge\"")).isEqualTo(3);
        assertThat(run)
                .contains("Saved while planning", "in-place", "fusion")
                .contains("gemm_f32", "5 → 2", "[1,4]", "[1,3]", "identity", "class=\"node heat\"", "median call");
        assertThat(run).contains("&lt;/script&gt;").doesNotContain("<b>x");
        assertThat(run).contains("class=\"buffer\"", "operator set ai.onnx");
        String linked = browser.dom(page, "#run/0/y");
        assertThat(linked).contains("class=\"node heat sel\"", "data-link=\"#run/0/y\"");
        String weights = browser.dom(page, "#read/0/MatMul");
        assertThat(weights).contains("numbers of w: 0 to 0, 12 of them");
        assertThat(count(weights, "class=\"histogram\"")).isEqualTo(1);
        String read = browser.dom(page, "#read");
        assertThat(read).contains("data-drawn=\"7\"", "data-op=\"Identity\"", "data-op=\"MatMul\"", "data-op=\"Add\"");
        assertThat(count(read, "class=\"edge\"")).isEqualTo(6);
    }

    @Test
    void aScreenshotShowsColouredBoxes() throws IOException, InterruptedException {
        Browser browser = browser();
        page("seen.html");
        Path picture = folder.resolve("seen.png");
        browser.screenshot(folder.resolve("seen.html"), picture);
        BufferedImage image = ImageIO.read(picture.toFile());
        assertThat(image.getWidth()).isEqualTo(1400);
        int hottest = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                hottest += isHottest(new Color(image.getRGB(x, y))) ? 1 : 0;
            }
        }
        assertThat(hottest).as("pixels of the longest step").isGreaterThan(1000);
    }

    /** Whether a colour is that of the longest step, hsl(6, 92%, 56%), apart from rounding. */
    private static boolean isHottest(Color c) {
        return Math.abs(c.getRed() - 246) < 8 && Math.abs(c.getGreen() - 60) < 8 && Math.abs(c.getBlue() - 40) < 8;
    }
}
