package dev.tenon.compression.page;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Draws a graph in rows: each node stands below all nodes that it depends on. Nodes of a row are ordered by the mean place of
 * their neighbours, which keeps lines short (K. Sugiyama et al., Methods for Visual Understanding of Hierarchical System
 * Structures, 1981). Many rows of few nodes are broken into columns.
 */
public final class GraphDrawing {
    private static final int BOX_WIDTH = 132;
    private static final int BOX_HEIGHT = 24;
    private static final int GAP = 14;
    private static final int ROW = 44;
    private static final int GUTTER = 34;
    private static final int MARGIN = 6;
    private static final int WIDTH = 1150;
    private static final int LEAST_ROWS = 12;
    private static final int SWEEPS = 6;
    private static final int LABEL = 19;
    private static final int BASELINE = 16;

    private final List<Node> nodes;
    private final List<List<Integer>> rows = new ArrayList<>();
    private final int[] rowOf;
    private final double[] placeInRow;
    private final StringBuilder out = new StringBuilder();
    private int rowsOfColumn;
    private int columnWidth;

    /**
     * A node.
     *
     * @param label the text in its box
     * @param title the text that appears when it is pointed at
     * @param style the class of its box
     * @param sources the indices of the nodes that it depends on, smaller than its own
     */
    public record Node(String label, String title, String style, List<Integer> sources) {}

    private GraphDrawing(List<Node> nodes) {
        this.nodes = nodes;
        this.rowOf = new int[nodes.size()];
        this.placeInRow = new double[nodes.size()];
    }

    /**
     * Draws a graph.
     *
     * @param nodes the nodes, those that others depend on before these
     * @param about the description for readers that do not see it
     * @return an SVG element in its own size
     */
    public static String of(List<Node> nodes, String about) {
        GraphDrawing drawing = new GraphDrawing(nodes);
        drawing.makeRows();
        drawing.order();
        drawing.makeColumns();
        drawing.draw(about);
        return drawing.out.toString();
    }

    private void makeRows() {
        for (int i = 0; i < nodes.size(); i++) {
            for (int source : nodes.get(i).sources()) {
                rowOf[i] = Math.max(rowOf[i], rowOf[source] + 1);
            }
            while (rows.size() <= rowOf[i]) {
                rows.add(new ArrayList<>());
            }
            rows.get(rowOf[i]).add(i);
        }
    }

    private void order() {
        List<List<Integer>> users = new ArrayList<>();
        nodes.forEach(n -> users.add(new ArrayList<>()));
        for (int i = 0; i < nodes.size(); i++) {
            for (int source : nodes.get(i).sources()) {
                users.get(source).add(i);
            }
        }
        rows.forEach(this::place);
        for (int sweep = 0; sweep < SWEEPS; sweep++) {
            boolean isDown = sweep % 2 == 0;
            for (int r = 0; r < rows.size(); r++) {
                List<Integer> row = rows.get(isDown ? r : rows.size() - 1 - r);
                double[] means = new double[nodes.size()];
                for (int i : row) {
                    means[i] = mean(isDown ? nodes.get(i).sources() : users.get(i), placeInRow[i]);
                }
                row.sort(Comparator.comparingDouble((Integer i) -> means[i]).thenComparingInt(i -> i));
                place(row);
            }
        }
    }

    private double mean(List<Integer> neighbours, double otherwise) {
        return neighbours.stream().mapToDouble(i -> placeInRow[i]).average().orElse(otherwise);
    }

    /** Places nodes of a row around its middle. */
    private void place(List<Integer> row) {
        for (int k = 0; k < row.size(); k++) {
            placeInRow[row.get(k)] = k - (row.size() - 1) / 2.0;
        }
    }

    private void makeColumns() {
        int widest = rows.stream().mapToInt(List::size).max().orElse(1);
        columnWidth = widest * (BOX_WIDTH + GAP) - GAP;
        int fitting = Math.max(1, (WIDTH + GUTTER) / (columnWidth + GUTTER));
        int columns = Math.max(1, Math.min(fitting, (rows.size() + LEAST_ROWS - 1) / LEAST_ROWS));
        rowsOfColumn = Math.max(1, (rows.size() + columns - 1) / columns);
    }

    private double left(int node) {
        int column = rowOf[node] / rowsOfColumn;
        double middle = MARGIN + column * (columnWidth + GUTTER) + columnWidth / 2.0;
        return middle + placeInRow[node] * (BOX_WIDTH + GAP) - BOX_WIDTH / 2.0;
    }

    private double top(int node) {
        return MARGIN + (double) (rowOf[node] % rowsOfColumn) * ROW;
    }

    private void draw(String about) {
        int columns = (rows.size() + rowsOfColumn - 1) / rowsOfColumn;
        int width = 2 * MARGIN + columns * (columnWidth + GUTTER);
        int height = 2 * MARGIN + (Math.min(rows.size(), rowsOfColumn) - 1) * ROW + BOX_HEIGHT;
        out.append("<svg class=\"graph\" width=\"")
                .append(width)
                .append("\" height=\"")
                .append(height);
        out.append("\" viewBox=\"0 0 ").append(width).append(' ').append(height);
        out.append("\" role=\"img\" aria-label=\"")
                .append(HtmlText.escaped(about))
                .append("\">");
        for (int i = 0; i < nodes.size(); i++) {
            for (int source : nodes.get(i).sources()) {
                edge(source, i);
            }
        }
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            out.append("<g><title>").append(HtmlText.escaped(node.title())).append("</title><rect class=\"");
            out.append(node.style()).append("\" x=\"").append(text(left(i))).append("\" y=\"");
            out.append(text(top(i))).append("\" width=\"").append(BOX_WIDTH).append("\" height=\"");
            out.append(BOX_HEIGHT).append("\" rx=\"6\"/><text class=\"on-").append(node.style());
            out.append("\" text-anchor=\"middle\" x=\"").append(text(left(i) + BOX_WIDTH / 2.0));
            out.append("\" y=\"").append(text(top(i) + BASELINE)).append("\">");
            out.append(HtmlText.escaped(HtmlText.end(node.label(), LABEL))).append("</text></g>");
        }
        out.append("</svg>");
    }

    /** A line down to the next row, around the rows between, or to the next column. */
    private void edge(int from, int to) {
        boolean isSameColumn = rowOf[from] / rowsOfColumn == rowOf[to] / rowsOfColumn;
        double right = left(from) + BOX_WIDTH;
        if (!isSameColumn) {
            curve(right, top(from) + BOX_HEIGHT / 2.0, GUTTER, 0, left(to), top(to) + BOX_HEIGHT / 2.0, -GUTTER, 0);
        } else if (rowOf[to] == rowOf[from] + 1) {
            double middle = (ROW - BOX_HEIGHT) / 2.0;
            double x = left(from) + BOX_WIDTH / 2.0;
            curve(x, top(from) + BOX_HEIGHT, 0, middle, left(to) + BOX_WIDTH / 2.0, top(to), 0, -middle);
        } else {
            curve(
                    right,
                    top(from) + BOX_HEIGHT / 2.0,
                    GUTTER - GAP / 2.0,
                    0,
                    left(to) + BOX_WIDTH,
                    top(to) + BOX_HEIGHT / 2.0,
                    GUTTER - GAP / 2.0,
                    0);
        }
    }

    /** A line from a point to another, with the directions in which it leaves both: x, y, dx, dy of each. */
    private void curve(double... p) {
        double[] at = {p[0], p[1], p[0] + p[2], p[1] + p[3], p[4] + p[6], p[5] + p[7], p[4], p[5]};
        String[] texts = Arrays.stream(at).mapToObj(GraphDrawing::text).toArray(String[]::new);
        out.append("<path class=\"edge\" d=\"M")
                .append(texts[0])
                .append(' ')
                .append(texts[1])
                .append('C');
        out.append(String.join(" ", Arrays.asList(texts).subList(2, texts.length)))
                .append("\"/>");
    }

    private static String text(double value) {
        return HtmlText.number("%.1f", value);
    }
}
