/**
 * The stages of a tokenizer, and the texts that go from one to the next: {@link dev.tenon.text.stage.AlignedText} through a
 * {@link dev.tenon.text.stage.TextNormalizer}, {@link dev.tenon.text.stage.Pieces} through a
 * {@link dev.tenon.text.stage.PreTokenizer}, {@link dev.tenon.text.stage.TokenList} out of a
 * {@link dev.tenon.text.stage.TokenModel}.
 *
 * <p>All indices count code points. Only the API counts UTF-16 code units. A stage itself does not belong here, nor the
 * reading of files. A new kind of stage is an interface here and a package beside this one.
 */
package dev.tenon.text.stage;
