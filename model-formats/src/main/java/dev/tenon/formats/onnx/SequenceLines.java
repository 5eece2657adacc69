package dev.tenon.formats.onnx;

import static dev.tenon.formats.onnx.OnnxTable.NEWEST;

import dev.tenon.formats.onnx.OnnxTable.Sink;

/** The lines of operators on sequences, optionals and strings, and of those that run bodies on slices and elements. */
final class SequenceLines {
    private SequenceLines() {}

    static void add(Sink table) {
        same(table, 11, "ConcatFromSequence", "SequenceAt", "SequenceConstruct", "SequenceEmpty", "SequenceErase");
        same(table, 11, "SequenceInsert", "SequenceLength", "SplitToSequence");
        same(table, 15, "Optional", "OptionalGetElement", "OptionalHasElement");
        same(table, 9, "TfIdfVectorizer");
        same(table, 10, "StringNormalizer");
        same(table, 20, "RegexFullMatch", "StringConcat", "StringSplit");
        table.line("", "Scan", 8, 8, ControlLowerings::scanOfBatch);
        table.line("", "Scan", 9, NEWEST, ControlLowerings::scan);
        table.line("", "SequenceMap", 17, NEWEST, ControlLowerings::sequenceMap);
    }

    private static void same(Sink table, int first, String... names) {
        for (String name : names) {
            table.line("", name, first, NEWEST, NodeLowering::unchanged);
        }
    }
}
