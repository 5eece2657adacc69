package dev.tenon.formats.onnx;

/** The lines of operators on sequences, optionals and strings, and of those that run bodies on slices and elements. */
final class SequenceLines {
    private SequenceLines() {}

    static void add(LineList list) {
        list.same(11, "ConcatFromSequence", "SequenceAt", "SequenceConstruct", "SequenceEmpty", "SequenceErase");
        list.same(11, "SequenceInsert", "SequenceLength", "SplitToSequence");
        list.same(15, "Optional", "OptionalGetElement", "OptionalHasElement");
        list.same(9, "TfIdfVectorizer");
        list.same(10, "StringNormalizer");
        list.same(20, "RegexFullMatch", "StringConcat", "StringSplit");
        if (list.asks("Scan")) {
            list.line(8, 8, ControlLowerings::scanOfBatch);
            list.line(9, ControlLowerings::scan);
        }
        if (list.asks("SequenceMap")) list.line(17, ControlLowerings::sequenceMap);
    }
}
