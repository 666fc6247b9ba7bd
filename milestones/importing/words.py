"""Word lists: what people and groups of a district are called, how steps begin, what else stands in headings."""


def words(text):
    return frozenset(text.split())


# The noun that a role ends in (or that stands before its "of ...").
PEOPLE = words(
    """superintendent superintendents supt principal principals director directors dir coordinator coordinators
    coord manager managers mgr administrator administrators admin specialist specialists technician technicians
    tech techs teacher teachers librarian librarians counselor counselors consultant consultants officer
    officers coach coaches aide aides secretary secretaries president trainer trainers mentor mentors liaison
    liaisons facilitator facilitators chair chairs chairperson chairman chairwoman supervisor supervisors head
    heads leader leaders lead leads engineer engineers analyst analysts developer developers clerk clerks
    assistant assistants associate nurse nurses psychologist custodian custodians parent parents trustee
    trustees instructor instructors integrator integrationist planner representative representatives rep reps
    designee designees member members treasurer controller chief paraprofessional paraprofessionals media
    educator educators faculty staff personnel employee employees volunteer volunteers vendor vendors contractor
    contractors provider providers accountant attorney webmaster tosa tosas itrt itrts cto cio ciso cfo cao ceo
    ito superintendant principle"""
)
GROUPS = words(
    """committee committees cmte comm team teams board boards council councils department departments dept depts
    office offices cabinet administration group groups subcommittee force taskforce association foundation
    consortium pta pto ptsa ptso boe it hr boces esu aea cesa esc rda ric sbdm associates inc llc corp company
    consulting partners partnership agency helpdesk desk senate trustees coop cooperative"""
)
HEADS = PEOPLE | GROUPS
NOT_OWNERS = {"student", "students", "learner", "learners", "child", "children", "pupils", "graduates"}
KNOWN_SHORT = words(
    """cto cio ciso cfo cao ceo it hr pta pto ptsa ptso boe boces esu aea cesa esc ric sbdm iu isd esd resa tosa
    itrt sro ell ese sped esl"""
)
ROLE_WORDS = words(
    """technology tech instructional information network systems system data privacy assistant asst associate
    deputy executive building school district high middle elementary secondary library media computer curriculum
    special education business communications facilities maintenance resource professional development staff
    teacher all lead department grade level office central site it help service student services human resources
    network finance transportation food health guidance board of ed technical support integration digital
    learning assessment e-rate erate web content security safety operations purchasing testing title federal
    state local area new project program ict cs stem steam"""
)
COMPOUND = words(
    """member members chair chairs chairperson president secretary leader leaders lead leads liaison designee
    designees representative representatives rep reps assistant assistants committee team office staff council
    coordinator coordinators specialist specialists developer manager director group association treasurer aide
    aides coach coaches department superintendent librarian teacher teachers consultant advisor"""
)
FIRST_WORDS = {
    "tech",
    "admin",
    "media",
    "staff",
    "assistant",
    "associate",
    "chief",
    "head",
    "lead",
}  # they often begin a role
WHOLE = words(
    "superintendent supt principal principals teachers librarian librarians counselors administration administrators"
)
JOINERS = {"of", "for", "at", "in", "on", "to", "from"}
ABBREVIATIONS = {
    "tech": "technology", "ed": "education", "educ": "education", "supt": "superintendent", "super": "superintendent",
    "asst": "assistant", "assist": "assistant", "assoc": "associate", "dir": "director", "coord": "coordinator",
    "admin": "administration", "dept": "department", "mgr": "manager", "spec": "specialist", "dist": "district",
    "bldg": "building", "elem": "elementary", "sec": "secondary", "ms": "middle school", "hs": "high school",
    "comm": "committee", "cmte": "committee", "comte": "committee", "instr": "instruction", "curr": "curriculum",
    "prof": "professional", "dev": "development", "info": "information", "lib": "library", "tchr": "teacher",
    "tchrs": "teachers", "prin": "principal", "bd": "board", "exec": "executive", "rep": "representative",
    "reps": "representatives", "boe": "board of education", "svcs": "services", "mgmt": "management",
    "sped": "special education", "superintendant": "superintendent", "technolgy": "technology",
    "cto": "chief technology officer", "cio": "chief information officer", "cfo": "chief financial officer",
    "ciso": "chief information security officer",
}  # fmt: skip

# How an action step begins.
VERBS = words(
    """accelerate acquire activate adapt add address adjust administer adopt advertise align allocate allow analyze
    annotate annually apply appoint approve arrange assemble assess assign assist attend audit automate award
    begin benchmark build buy calculate calibrate capture catalog celebrate centralize certify check choose
    clarify coach collaborate collect combine commission communicate compare compile complete comply compose
    conduct configure connect consolidate construct consult continue contract convene convert coordinate create
    cut decide decommission dedicate define deliver demonstrate deploy describe design designate determine
    develop digitize direct discuss distribute document draft draw educate elect eliminate embed employ empower
    enable encourage engage enhance enroll ensure equip establish estimate evaluate examine expand explore
    extend facilitate finalize finance find finish fix focus follow form formalize formulate foster gather
    generate give grow guide have help hire hold host identify implement improve include incorporate increase
    inform initiate install institute instruct integrate interview introduce inventory invest investigate invite
    issue join keep label launch lead learn lease leverage license link list locate log maintain make manage map
    market measure meet mentor migrate model modernize modify monitor move name negotiate notify observe obtain
    offer open operate order organize orient outline overhaul oversee participate partner perform phase pilot
    place plan post prepare present prioritize procure produce promote propose protect provide publicize publish
    purchase pursue raise rebuild recognize recommend record recruit recycle redesign reduce refine refresh
    register reinforce relocate renew renovate reorganize repair replace replicate report request require
    research reserve resolve restructure retain retire review revise reward roll rotate run safeguard scale scan
    schedule secure seek segment select send serve set share show simplify solicit sponsor standardize start
    store streamline strengthen structure study submit subscribe supervise supply support survey sustain switch
    tag target teach test track train transfer transform transition translate unify update upgrade use utilize
    validate verify visit wire work write"""
)

# Words that may stand in a heading beside those, and decide nothing themselves.
FILLER = words(
    """estimate estimates %
    a an and any are area be begun both by can collected collection current description detailed district each
    economic essential estimated existing expected for from general group groups has how human if implementation
    implemented implementing impact implications in information initial is it item items key level list local
    long main major measurable method methods name names needed key of on or other our party parties per plan
    planned please position positions primary process projected proposed public range required role roles s
    school section short smart source sources specific staff stakeholder stakeholders statement strategic
    strategy support supporting table target team teams technology term the their these this title titles to
    tool tools total type up used using was were what when which who will with yearly annual anticipated
    approximate all work y yes individual individuals department departments office committee do we you key
    entity entities member members material fiscal code line implementer allocated available human objective
    objectives goal goals action activity strategies state department reality final interim often once repeated
    percent point charge much do know how performance line lines frame frames statement action objectives when
    whom finish end ends complete other others specify selected"""
)
