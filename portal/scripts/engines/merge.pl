# Merges settings into a JSON text by position; what the request and the answer look like is told in __init__.py.
# The same steps as merge.py. Perl 5.8 and newer, no modules.
use strict;
use warnings;

my $STRING = qr/"[^"\\\x00-\x1f]*(?:\\(?:["\\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"/;
my $NUMBER = qr/-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/;

# The members of the root object and of the objects in it, by position; `error` is where the text is not JSON, or -1.
#
# `expect`: V a value, A a value or ], K a name or }, S a name, C a colon, N a comma or the end of the object or list,
# E nothing. `stack` is the open braces and brackets.
sub scan {
    my ($text) = @_;
    my %reader = (expect => 'V', stack => '', members => [], current => {});
    my ($previous, $start) = (0, -1);
    # The last alternative makes a token of anything else, which then is the error. \f stands for the carriage return.
    while ($text =~ /([{}\[\],:]|$STRING|$NUMBER|true|false|null|[^ \t\n\f])/go) {
        my ($at, $end) = ($-[1], $+[1]);
        $start = $at if $start < 0;
        return { error => $at, members => [], start => $start } unless accept_token(\%reader, $1, $at, $previous);
        $previous = $end;
    }
    my $error = $reader{expect} eq 'E' ? -1 : length $text;
    return { error => $error, members => $reader{members}, start => $start, close => $previous - 1 };
}

sub accept_token {
    my ($reader, $token, $at, $previous) = @_;
    my ($char, $end, $expect) = (substr($token, 0, 1), $at + length $token, $reader->{expect});
    my $top = substr "\n$reader->{stack}", -1;
    return 0 if length $token == 1 && $token !~ /[{}\[\],:0-9]/;
    if ($char eq '"' && $expect =~ /[KS]/) { token_is_name($reader, $token, $at, $previous) }
    elsif ($char eq ':' && $expect eq 'C') { $reader->{expect} = 'V' }
    elsif ($char eq ',' && $expect eq 'N') { $reader->{expect} = $top eq '{' ? 'S' : 'V' }
    elsif ($char eq '}' && $top eq '{' && $expect =~ /[KN]/ || $char eq ']' && $top eq '[' && $expect =~ /[AN]/) {
        chop $reader->{stack};
        value_ended($reader, $end);
    }
    elsif ($char !~ /[}\],:]/ && $expect =~ /[VA]/) { token_is_value($reader, $char, $at, $end) }
    else { return 0 }
    return 1;
}

sub token_is_name {
    my ($reader, $token, $at, $previous) = @_;
    my $depth = length $reader->{stack};
    $reader->{expect} = 'C';
    return unless $reader->{stack} =~ /\A\{\{?\z/;
    my $name = substr $token, 1, -1;
    my %letter = (b => "\b", f => "\f", n => "\n", r => "\r", t => "\t");
    $name =~ s/\\(?:u([0-9a-fA-F]{4})|(.))/defined $1 ? chr hex $1 : exists $letter{$2} ? $letter{$2} : $2/ge;
    my %member = (depth => $depth, name => $name, gap => $previous, key => $at, colon => $at + length $token);
    push @{ $reader->{members} }, \%member;
    $reader->{current}{$depth} = \%member;
}

sub token_is_value {
    my ($reader, $char, $at, $end) = @_;
    $reader->{current}{ length $reader->{stack} }{value} = $at if $reader->{stack} =~ /\A\{\{?\z/;
    if ($char =~ /[{\[]/) {
        $reader->{stack} .= $char;
        $reader->{expect} = $char eq '{' ? 'K' : 'A';
    }
    else { value_ended($reader, $end) }
}

sub value_ended {
    my ($reader, $end) = @_;
    $reader->{expect} = $reader->{stack} eq '' ? 'E' : 'N';
    $reader->{current}{ length $reader->{stack} }{end} = $end if $reader->{stack} =~ /\A\{\{?\z/;
}

sub inside {
    my ($found, $owner) = @_;
    return grep { $_->{depth} == 1 } @{ $found->{members} } unless $owner;
    return grep { $_->{depth} == 2 && $owner->{value} < $_->{key} && $_->{key} < $owner->{end} } @{ $found->{members} };
}

sub last_named {
    my ($name, @members) = @_;
    my @same = grep { $_->{name} eq $name } @members;
    return $same[-1];
}

sub piece {
    my ($letter, $member) = @_;
    return $member ? ("$letter $member->{value} $member->{end}") : ();
}

sub value_text {
    my ($text, $member) = @_;
    return $member ? substr($text, $member->{value}, $member->{end} - $member->{value}) : '';
}

sub unique {
    my %seen;
    return grep { !$seen{$_}++ } @_;
}

sub splice_of {
    my ($start, $end, @pieces) = @_;
    return { start => $start, end => $end, pieces => \@pieces };
}

# How new text is laid out: over lines or in one, the unit of indent, the line break, what follows a name.
sub style_of {
    my ($text, $found) = @_;
    my $feed = $text =~ /\f\n/ ? 'C' : 'L';
    my @members = inside($found);
    return { lines => 1, unit => '  ', feed => $feed, colon => ': ' } unless @members;
    my $gap = substr $text, $members[0]{gap}, $members[0]{key} - $members[0]{gap};
    if ($gap =~ /.*\n(.*)\z/s) {
        (my $unit = $1) =~ s/\f//g;
        return { lines => 1, unit => $unit, feed => $feed, colon => ': ' };
    }
    my $colon = substr($text, $members[-1]{value} - 1, 1) eq ':' ? ':' : ': ';
    return { lines => 0, unit => '', feed => $feed, colon => $colon };
}

# What stands between the braces of an object that had no member.
sub block {
    my ($style, $depth, @items) = @_;
    my $comma = !$style->{lines} && $style->{colon} eq ': ' ? 'T , ' : 'T ,';
    my @pieces;
    for my $number (0 .. $#items) {
        push @pieces, $comma if $number;
        push @pieces, $style->{feed}, 'T ' . $style->{unit} x ($depth + 1) if $style->{lines};
        push @pieces, @{ $items[$number] };
    }
    push @pieces, $style->{feed}, 'T ' . $style->{unit} x $depth if $style->{lines};
    return @pieces;
}

# What the last member has before its name and between name and value, to be repeated for a new one.
sub joints {
    my ($text, $style, @members) = @_;
    return ([], ["T $style->{colon}"]) unless @members;
    my $at = $members[-1];
    my $gap = substr $text, $at->{gap}, $at->{key} - $at->{gap};
    my $between = substr $text, $at->{colon}, $at->{value} - $at->{colon};
    my $colon = $between =~ /\n/ ? ['T : '] : ["D $at->{colon} $at->{value}"];
    if ($gap =~ /\n/) {
        my $feed = rindex $gap, "\n";
        $feed -= 1 if substr("-" . substr($gap, 0, $feed), -1) eq "\f";
        return (['D ' . ($at->{gap} + $feed) . " $at->{key}"], $colon);
    }
    return ($between =~ /:\z/ ? [] : ['T  '], $colon) if @members == 1;
    return (length $gap ? ["D $at->{gap} $at->{key}"] : [], $colon);
}

# The splices that carry out the changes in one object: replaced values, members cut out, new ones after the last kept.
sub edit {
    my ($text, $body, $style, @changes) = @_;
    my @members = @{ $body->{members} };
    my %dropped = map { $_->{name} => 1 } grep { !@{ $_->{new} } } @changes;
    my @kept = grep { !$dropped{ $members[$_]{name} } } 0 .. $#members;
    my @splices = map { splice_of($_->{old}{value}, $_->{old}{end}, @{ $_->{new} }) }
        grep { @{ $_->{new} } && $_->{old} } @changes;
    push @splices, map { splice_of($members[$_]{key}, $members[ $_ + 1 ]{key}) }
        grep { @kept && $_ < $kept[-1] && $dropped{ $members[$_]{name} } } 0 .. $#members;
    my ($before, $colon) = joints($text, $style, @members);
    my @items = map { [ "T \"$_->{name}\"", @$colon, @{ $_->{new} } ] } grep { @{ $_->{new} } && !$_->{old} } @changes;
    if (!@members || !(@kept || @items)) {
        my @block = @items ? block($style, $body->{depth}, @items) : ();
        push @splices, splice_of($body->{start} + 1, $body->{close}, @block) if @items || @members;
        return @splices;
    }
    my @tail = map { ('T ,', @$before, @$_) } @items;
    return (@splices, splice_of($members[ $kept[-1] ]{end}, $members[-1]{end}, @tail)) if @kept;
    splice @tail, 0, 1 + @$before;
    return (@splices, splice_of($members[0]{key}, $members[-1]{end}, @tail));
}

sub read_record {
    my ($text, $created) = @_;
    my $found = scan($text);
    my $record = { text => $text, entries => {}, keys => [], found => $found, created => $created };
    return $record if $found->{error} >= 0 || substr($text, $found->{start}, 1) ne '{';
    for my $member (grep { $_->{name} =~ / / } inside($found)) {
        push @{ $record->{keys} }, $member->{name} unless $record->{entries}{ $member->{name} };
        $record->{entries}{ $member->{name} } = $member;
    }
    my $known = value_text($text, last_named('created', inside($found)));
    $known =~ s/\A"+|"+\z//g;
    $record->{created} = $known if length $known;
    return $record;
}

sub part {
    my ($merge, $key, $name) = @_;
    return last_named($name, inside($merge->{record}{found}, $merge->{record}{entries}{$key}));
}

sub current {
    my ($merge, $section, $name) = @_;
    return last_named($name, @{ $merge->{root} }) if $section eq '.';
    my $owner = last_named($section, @{ $merge->{root} });
    return $owner ? last_named($name, inside($merge->{found}, $owner)) : undef;
}

sub apply_changes {
    my ($merge) = @_;
    my @changes;
    for my $line (@{ $merge->{orders} }) {
        my ($verb, $section, $name, $wanted) = split / /, $line, 4;
        $wanted = '' unless defined $wanted;
        my $old = current($merge, $section, $name);
        my $action = $verb eq 'look' ? 'found' : $verb eq 'drop' ? 'remove' : 'replace';
        if (!$old) { $action = $verb eq 'set' ? 'add' : 'same' }
        elsif (length $wanted && value_text($merge->{text}, $old) eq $wanted) { $action = 'same' }
        my @new = length $wanted ? ("T $wanted") : ();
        push @changes,
            { action => $action, section => $section, name => $name, old => $old, new => \@new, text => $wanted };
    }
    return @changes;
}

sub undo_changes {
    my ($merge) = @_;
    my $record = $merge->{record};
    my @changes;
    for my $key (grep { !/\Amade / } @{ $record->{keys} }) {
        my ($section, $name) = split / /, $key, 2;
        my ($old, $before) = (current($merge, $section, $name), part($merge, $key, 'before'));
        my $action = $old ? ($before ? 'replace' : 'remove') : $before ? 'add' : 'same';
        my $written = value_text($record->{text}, part($merge, $key, 'written'));
        $action = 'left' if value_text($merge->{text}, $old) ne $written;
        push @changes, { action => $action, section => $section, name => $name, old => $old, new => [ piece('R', $before) ] };
    }
    return @changes;
}

# Whether the section exists only because of us, and the undo takes its last member.
sub leaves_nothing {
    my ($merge, $section, $owner, @changes) = @_;
    my %dropped = map { $_->{name} => 1 } grep { !@{ $_->{new} } } @changes;
    return $merge->{undo}
        && $merge->{record}{entries}{"made $section"}
        && !(grep { !$_->{old} } @changes)
        && !(grep { !$dropped{ $_->{name} } } inside($merge->{found}, $owner));
}

# Whether an undo leaves nothing in the document, and the splices of the whole document.
sub all_splices {
    my ($merge, @changes) = @_;
    my ($text, $found) = ($merge->{text}, $merge->{found});
    my @root = @{ $merge->{root} };
    my $style = style_of($text, $found);
    my (@splices, @top);
    for my $change (@changes) {
        my $section = $change->{section};
        my @inner = grep { $_->{section} eq $section } @changes;
        my $owner = last_named($section, @root);
        if ($section eq '.') { push @top, $change }
        elsif ($change != $inner[0]) { next }
        elsif (!$owner) {
            my @items = map { [ "T \"$_->{name}\"", "T $style->{colon}", @{ $_->{new} } ] } @inner;
            push @top, { name => $section, old => undef, new => [ 'T {', block($style, 1, @items), 'T }' ] };
        }
        elsif (leaves_nothing($merge, $section, $owner, @inner)) {
            push @top, { name => $section, old => $owner, new => [] };
        }
        else {
            my @members = inside($found, $owner);
            my %body = (members => \@members, start => $owner->{value}, close => $owner->{end} - 1, depth => 1);
            push @splices, edit($text, \%body, $style, @inner);
        }
    }
    my %body = (members => \@root, start => $found->{start}, close => $found->{close}, depth => 0);
    push @splices, edit($text, \%body, $style, @top) if @top;
    my %dropped = map { $_->{name} => 1 } grep { !@{ $_->{new} } } @top;
    my $kept = grep { @{ $_->{new} } } @top;
    $kept += grep { !$dropped{ $_->{name} } } @root;
    return ($merge->{undo} && !$kept, @splices);
}

sub document {
    my ($merge, @splices) = @_;
    my ($at, $length, @pieces) = (0, length $merge->{text});
    for my $splice (sort { $a->{start} <=> $b->{start} || $a->{end} <=> $b->{end} } @splices) {
        push @pieces, "D $at $splice->{start}" if $splice->{start} > $at;
        push @pieces, @{ $splice->{pieces} };
        $at = $splice->{end};
    }
    push @pieces, "D $at $length" if $at < $length;
    return @pieces;
}

# The record after this run: a touched value keeps the oldest value before it, unless somebody changed it.
sub new_record {
    my ($merge, @changes) = @_;
    my ($record, $entries) = ($merge->{record}, $merge->{record}{entries});
    my @pieces = ('T {', 'L', "T   \"created\": \"$record->{created}\",", 'L');
    my %touched = map { ("$_->{section} $_->{name}" => 1) } @changes;
    for my $key (grep { !$touched{$_} } @{ $record->{keys} }) {
        push @pieces, "T   \"$key\": ", piece('R', $entries->{$key}), 'T ,', 'L';
    }
    for my $change (@changes) {
        my $key = "$change->{section} $change->{name}";
        my @before = piece('D', $change->{old});
        if ($entries->{$key}) {
            my $written = value_text($record->{text}, part($merge, $key, 'written'));
            @before = piece('R', part($merge, $key, 'before')) if $written eq value_text($merge->{text}, $change->{old});
        }
        push @pieces, "T   \"$key\": {";
        push @pieces, "T \"written\": $change->{text}" if @{ $change->{new} };
        push @pieces, 'T , ' if @{ $change->{new} } && @before;
        push @pieces, 'T "before": ', @before if @before;
        push @pieces, 'T },', 'L';
    }
    for my $section (grep { $_ ne '.' } unique(map { $_->{section} } @changes)) {
        next if last_named($section, @{ $merge->{root} }) || $entries->{"made $section"};
        push @pieces, "T   \"made $section\": true,", 'L';
    }
    return (@pieces, 'T   "portal-undo": 1', 'L', 'T }', 'L');
}

sub answer {
    my ($merge) = @_;
    my ($text, $found) = ($merge->{text}, $merge->{found});
    return ("invalid $found->{error}") if $found->{error} >= 0;
    return ("shape $found->{start} root") if substr($text, $found->{start}, 1) ne '{';
    my @orders = $merge->{undo} ? undo_changes($merge) : apply_changes($merge);
    for my $section (grep { $_ ne '.' } unique(map { $_->{section} } @orders)) {
        my $owner = last_named($section, @{ $merge->{root} }) or next;
        return ("shape $owner->{value} $section") if substr($text, $owner->{value}, 1) ne '{';
    }
    my @changes = grep { $_->{action} ne 'same' && $_->{action} ne 'found' } @orders;
    my @lines = ("created $merge->{record}{created}");
    push @lines, map { "found $_->{section} $_->{name} " . piece('D', $_->{old}) } grep { $_->{action} eq 'found' } @orders;
    for my $change (@changes) {
        my ($old) = (piece('D', $change->{old}), '-');
        my ($new) = (@{ $change->{new} }, '-');
        push @lines, "change $change->{action} $change->{section} $change->{name} $old $new";
    }
    my ($bare, @splices) = all_splices($merge, grep { $_->{action} ne 'left' } @changes);
    push @lines, 'bare' if $bare;
    return (@lines, 'same') unless @splices;
    push @lines, 'document', document($merge, @splices);
    return $merge->{undo} ? @lines : (@lines, 'record', new_record($merge, @changes));
}

binmode STDIN;
binmode STDOUT;
my $request = do { local $/; <STDIN> };
my ($orders, $record, $text) = split /\x1e/, $request, 3;
my @lines = grep { length } split /\n/, $orders;
my $found = scan($text);
my %merge = (
    undo => $lines[0] eq 'undo',
    orders => [ @lines[ 2 .. $#lines ] ],
    record => read_record($record, (split / /, $lines[1])[1]),
    text => $text,
    found => $found,
    root => [ inside($found) ],
);
print join("\n", 'portal-merge 1', answer(\%merge), 'end', '');
