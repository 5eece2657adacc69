package dev.tenon.samples.compress;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.font.FontRenderContext;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Pictures of text that Java2D renders: lines of words of the project's pages, in several fonts, sizes and colours. */
final class TextImages {
    private static final String[] FONTS = {Font.SANS_SERIF, Font.SERIF, Font.MONOSPACED};
    private static final int[] STYLES = {Font.PLAIN, Font.PLAIN, Font.BOLD, Font.ITALIC};
    private static final int MOST_WORDS = 5;
    private static final int LINE_HEIGHT = 48;
    private static final int MARGIN = 6;
    private static final int PAGE_WIDTH = 416;
    private static final int PAGE_HEIGHT = 224;

    private final List<String> words;
    private final SplittableRandom random;

    /**
     * Pictures.
     *
     * @param words the words of the lines
     * @param seed the seed: other seeds give other lines
     */
    TextImages(List<String> words, long seed) {
        this.words = words;
        this.random = new SplittableRandom(seed);
    }

    /** The words of the pages of the project, in their order. */
    static List<String> words() throws IOException {
        Path root = Path.of(System.getProperty("tenon.root", "../.."));
        List<String> words = new ArrayList<>();
        try (var pages = Files.list(root.resolve("docs"))) {
            for (Path page :
                    pages.filter(p -> p.toString().endsWith(".md")).sorted().toList()) {
                for (String word : Files.readString(page).split("\\s+")) {
                    if (word.matches("[A-Za-z]{2,12}[.,]?|[0-9]{1,6}")) {
                        words.add(word);
                    }
                }
            }
        }
        return words;
    }

    /** Two to five words that follow each other on a page. */
    private String text() {
        int count = random.nextInt(2, MOST_WORDS + 1);
        int first = random.nextInt(words.size() - count);
        return String.join(" ", words.subList(first, first + count));
    }

    private Font font(int size) {
        return new Font(FONTS[random.nextInt(FONTS.length)], STYLES[random.nextInt(STYLES.length)], size);
    }

    private static int dark(SplittableRandom random) {
        return random.nextInt(0, 90);
    }

    private static int light(SplittableRandom random) {
        return random.nextInt(190, 256);
    }

    /** Dark and light. */
    private Color[] colours() {
        Color dark = new Color(dark(random), dark(random), dark(random));
        return new Color[] {dark, new Color(light(random), light(random), light(random))};
    }

    private static Graphics2D graphics(BufferedImage image, Color back) {
        Graphics2D g = image.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        g.setColor(back);
        g.fillRect(0, 0, image.getWidth(), image.getHeight());
        return g;
    }

    /** A line that fills its picture, as recognition takes it: [1, 3, 48, width], BGR, in [-1, 1]. */
    Tensor line() {
        String text = text();
        Font font = font(random.nextInt(24, 37));
        Rectangle2D box = font.getStringBounds(text, new FontRenderContext(null, true, false));
        int width = (int) Math.ceil(box.getWidth()) + 2 * MARGIN;
        BufferedImage image = new BufferedImage(width, LINE_HEIGHT, BufferedImage.TYPE_INT_RGB);
        Color[] colours = colours();
        Graphics2D g = graphics(image, colours[1]);
        g.setColor(colours[0]);
        g.setFont(font);
        float baseline = (float) ((LINE_HEIGHT - box.getHeight()) / 2 - box.getY());
        g.drawString(text, MARGIN, baseline);
        g.dispose();
        return tensor(image, new double[] {0.5, 0.5, 0.5}, new double[] {0.5, 0.5, 0.5});
    }

    /** Some lines on a page, as detection takes it: [1, 3, 224, 416], BGR, normalised as ImageNet. */
    Tensor page() {
        BufferedImage image = new BufferedImage(PAGE_WIDTH, PAGE_HEIGHT, BufferedImage.TYPE_INT_RGB);
        Color[] colours = colours();
        Graphics2D g = graphics(image, colours[1]);
        g.setColor(colours[0]);
        int y = random.nextInt(4, 40);
        while (y < PAGE_HEIGHT - 40) {
            int size = random.nextInt(14, 34);
            g.setFont(font(size));
            g.drawString(text(), random.nextInt(4, 60), y + size);
            y += size + random.nextInt(8, 60);
        }
        g.dispose();
        return tensor(image, new double[] {0.485, 0.456, 0.406}, new double[] {0.229, 0.224, 0.225});
    }

    private static Tensor tensor(BufferedImage image, double[] mean, double[] deviation) {
        int height = image.getHeight();
        int width = image.getWidth();
        float[] values = new float[3 * height * width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int rgb = image.getRGB(x, y);
                for (int c = 0; c < 3; c++) {
                    int value = rgb >> Byte.SIZE * c & 0xFF;
                    values[(c * height + y) * width + x] = (float) ((value / 255.0 - mean[c]) / deviation[c]);
                }
            }
        }
        Tensor t = Tensor.allocate(DType.FLOAT32, 1, 3, height, width);
        for (int i = 0; i < values.length; i++) {
            t.setDouble(i, values[i]);
        }
        return t;
    }
}
